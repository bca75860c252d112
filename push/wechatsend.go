package push

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xunfang/models"
)

type wechatValue struct {
	Value string `json:"value"`
}

type wechatMessage struct {
	ToUser   string                 `json:"touser"`
	Template string                 `json:"template_id"`
	Page     string                 `json:"page"`
	State    string                 `json:"miniprogram_state"`
	Language string                 `json:"lang"`
	Data     map[string]wechatValue `json:"data"`
}

// The longest that a spent quota of WeChat's is waited for; the day's begins anew at midnight.
const (
	wechatShort = time.Minute
	wechatLong  = time.Hour
)

// Send implements Channel. A message that needs a consent takes one first; it comes back only where WeChat surely did not
// take the message. So nobody gets more messages than they allowed, whatever is lost on the way.
func (w *WeChat) Send(ctx context.Context, message Message) Outcome {
	now := w.config.Now()
	template, found := w.templateOf(message.Kind)
	if _, err := message.check(now); err != nil {
		return unsendable(err)
	}
	if !found {
		return Outcome{State: StateFailed, Reason: ReasonNoTemplate}
	}
	if !template.LongTerm {
		taken, err := w.config.Ledger.TakeWeChatConsent(ctx, message.Address, template.ID, now)
		if err != nil {
			return Outcome{State: StateRetry, Reason: ReasonInternal}
		}
		if !taken {
			return Outcome{State: StateFailed, Reason: ReasonNoConsent}
		}
	}
	id, err := w.post(ctx, template, message)
	outcome, taken := judgeWeChat(id, err)
	if template.LongTerm {
		return outcome
	}
	// Written whatever became of the request's time: a consent must not be lost for it.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.config.Timeout)
	defer cancel()
	var said wechatError
	switch {
	case errors.As(err, &said) && said == wechatNoConsent:
		err = w.config.Ledger.DropWeChatConsents(bounded, message.Address, template.ID)
	case !taken:
		err = w.config.Ledger.ReturnWeChatConsent(bounded, message.Address, template.ID)
	default:
		err = nil
	}
	if err != nil && outcome.State == StateRetry {
		outcome.Reason = ReasonInternal
	}
	return outcome
}

// post sends, and gives WeChat's name of the message.
func (w *WeChat) post(ctx context.Context, template WeChatTemplate, message Message) (string, error) {
	answer := struct {
		ID int64 `json:"msgid"`
	}{}
	var failed error
	err := w.token.using(ctx, func(token models.Secret) bool {
		failed = w.call(ctx, http.MethodPost, "/cgi-bin/message/subscribe/send", url.Values{"access_token": {token.Reveal()}},
			w.message(template, message), &answer)
		var said wechatError
		return errors.As(failed, &said) && (said == wechatBadSecret || said == wechatBadToken || said == wechatTokenExpired)
	})
	if err != nil {
		return "", &tokenError{err}
	}
	return strconv.FormatInt(answer.ID, 10), failed
}

// tokenError says that there was no access token: nothing was sent.
type tokenError struct{ cause error }

// Error implements error.
func (e *tokenError) Error() string { return e.cause.Error() }

// Unwrap implements errors.Unwrap.
func (e *tokenError) Unwrap() error { return e.cause }

func (w *WeChat) message(template WeChatTemplate, message Message) wechatMessage {
	language := "zh_CN"
	if strings.HasPrefix(strings.ToLower(message.Locale), "en") {
		language = "en_US"
	}
	return wechatMessage{
		ToUser: message.Address.Reveal(), Template: template.ID,
		Page:  template.Page + "?alert_id=" + string(message.AlertID),
		State: w.config.State, Language: language, Data: template.data(message),
	}
}

func (w *WeChat) templateOf(kind string) (WeChatTemplate, bool) {
	general, found := WeChatTemplate{}, false
	for _, template := range w.config.Templates {
		for _, named := range template.Kinds {
			if named == kind {
				return template, true
			}
		}
		if len(template.Kinds) == 0 {
			general, found = template, true
		}
	}
	return general, found
}

// wechatOurs are the errcodes of a token request that the station's administrator has to mend.
var wechatOurs = []wechatError{wechatBadSecret, wechatBadSecretToo, wechatBadAppID, wechatAddressNotListed}

// judgeWeChat says how an attempt ended, and whether WeChat has, or may have, taken the message.
func judgeWeChat(id string, err error) (outcome Outcome, taken bool) {
	var said wechatError
	var noToken *tokenError
	switch {
	case err == nil:
		return Outcome{State: StateSent, ProviderID: id}, true
	case errors.As(err, &noToken):
		if errors.As(err, &said) && slices.Contains(wechatOurs, said) {
			return Outcome{State: StateRetry, Reason: ReasonCredentials, RetryAfter: wechatShort}, false
		}
		return Outcome{State: StateRetry, Reason: ReasonUnavailable}, false
	case !errors.As(err, &said):
		return Outcome{State: StateRetry, Reason: ReasonNetwork}, true // it may have arrived
	}
	switch said {
	case wechatBadOpenID:
		return Outcome{State: StateGone, Reason: ReasonUnregistered}, false
	case wechatNoConsent:
		return Outcome{State: StateFailed, Reason: ReasonNoConsent}, false
	case wechatBadTemplate, wechatBadPage, wechatBadData, wechatWords:
		return Outcome{State: StateFailed, Reason: ReasonInvalidArgument}, false
	case wechatBanned, wechatNotAllowed:
		return Outcome{State: StateFailed, Reason: ReasonPermission}, false
	case wechatLongTermSpent:
		return Outcome{State: StateFailed, Reason: ReasonQuota}, false
	case wechatAtOnce:
		return Outcome{State: StateRetry, Reason: ReasonUnavailable, RetryAfter: time.Second}, false
	case wechatDaySpent:
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: wechatLong}, false
	case wechatMinuteSpent:
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: wechatShort}, false
	case wechatBadSecret, wechatBadToken, wechatTokenExpired: // twice in a row
		return Outcome{State: StateRetry, Reason: ReasonCredentials, RetryAfter: wechatShort}, false
	case wechatBusy:
		return Outcome{State: StateRetry, Reason: ReasonUnavailable}, false
	default:
		return Outcome{State: StateFailed, Reason: ReasonRefused}, false
	}
}
