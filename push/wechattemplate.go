package push

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"xunfang/models"
)

// WeChatTemplate is a subscription message that WeChat has approved for the mini-program.
type WeChatTemplate struct {
	ID       string            `json:"id"`
	Kinds    []string          `json:"kinds"`     // of alerts; none: every kind that no other template names
	LongTerm bool              `json:"long_term"` // one consent allows any number
	Page     string            `json:"page"`      // of the mini-program; ?alert_id= is added
	Fields   map[string]string `json:"fields"`    // the template's keyword (thing1, phrase2, time3) → title, hint, severity or time
}

// The sources of a template's fields. There is none for a name, a place or anybody's words.
const (
	fieldTitle    = "title"    // the general words of the alert's kind
	fieldHint     = "hint"     // that the mini-program is to be opened
	fieldSeverity = "severity" // one word
	fieldTime     = "time"     // when the alert was made, China's time
)

// fieldSources says which sources a type of keyword can take. WeChat bounds thing at 20 characters, phrase at 5.
var fieldSources = map[string][]string{
	"thing":  {fieldTitle, fieldHint, fieldSeverity},
	"phrase": {fieldSeverity},
	"time":   {fieldTime},
	"date":   {fieldTime},
}

const thingLength = 20

var (
	keywordPattern = regexp.MustCompile(`^([a-z]+)[0-9]{1,2}$`)
	pagePattern    = regexp.MustCompile(`^[A-Za-z0-9_/-]{1,128}$`)
	templateID     = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	chinaTime      = time.FixedZone("UTC+8", 8*60*60)
)

// check says what is wrong with a template.
func (t WeChatTemplate) check() error {
	switch {
	case !templateID.MatchString(t.ID):
		return errors.New("id: not a template id")
	case !pagePattern.MatchString(t.Page):
		return errors.New("page: a page of the mini-program, without a leading slash's query")
	case len(t.Fields) == 0 || len(t.Fields) > 8:
		return errors.New("fields: 1 to 8")
	}
	for keyword, source := range t.Fields {
		parts := keywordPattern.FindStringSubmatch(keyword)
		if parts == nil || !slices.Contains(fieldSources[parts[1]], source) {
			return fmt.Errorf("fields: %q cannot be %q", keyword, source)
		}
	}
	for _, kind := range t.Kinds {
		if !kindPattern.MatchString(kind) {
			return fmt.Errorf("kinds: %q is not a kind of alert", kind)
		}
	}
	return nil
}

// CheckWeChatTemplates says what is wrong with a mini-program's templates: each kind of alert has one at most.
func CheckWeChatTemplates(templates []WeChatTemplate) error {
	if len(templates) == 0 || len(templates) > models.MaxWeChatTemplates {
		return fmt.Errorf("push: wechat: 1 to %d templates", models.MaxWeChatTemplates)
	}
	kinds, ids := map[string]bool{}, map[string]bool{}
	for at, template := range templates {
		if err := template.check(); err != nil {
			return fmt.Errorf("push: wechat: template %d: %w", at+1, err)
		}
		if ids[template.ID] {
			return fmt.Errorf("push: wechat: template %d: its id is there twice", at+1)
		}
		ids[template.ID] = true
		named := template.Kinds
		if len(named) == 0 {
			named = []string{""}
		}
		for _, kind := range named {
			if kinds[kind] {
				return fmt.Errorf("push: wechat: template %d: another one is for kind %q too", at+1, kind)
			}
			kinds[kind] = true
		}
	}
	return nil
}

// data fills the template. Everything in it comes from closed sets of words and the alert's id.
func (t WeChatTemplate) data(message Message) map[string]wechatValue {
	filled := make(map[string]wechatValue, len(t.Fields))
	for keyword, source := range t.Fields {
		switch source {
		case fieldTitle:
			filled[keyword] = wechatValue{shortTitle(message)}
		case fieldHint:
			filled[keyword] = wechatValue{hint.in(message.Locale).title}
		case fieldSeverity:
			filled[keyword] = wechatValue{severityWord(message)}
		case fieldTime:
			filled[keyword] = wechatValue{message.AlertID.Time().In(chinaTime).Format("2006年1月2日 15:04")}
		}
	}
	return filled
}

// hint says where there is more to read.
var hint = phrase{zh: words{title: "请打开小程序查看"}, en: words{title: "Open to read it"}}

var severities = map[string]phrase{
	models.SeverityInfo:      {zh: words{title: "提示"}, en: words{title: "info"}},
	models.SeverityNormal:    {zh: words{title: "一般"}, en: words{title: "normal"}},
	models.SeverityHigh:      {zh: words{title: "重要"}, en: words{title: "high"}},
	models.SeverityEmergency: {zh: words{title: "紧急"}, en: words{title: "emergency"}},
}

func severityWord(message Message) string {
	own, found := severities[message.Severity]
	if !found {
		own = severities[models.SeverityNormal]
	}
	return own.zh.title // a phrase takes Chinese characters only
}

// shortTitle is the title of the kind where WeChat has room for it, else the general one.
func shortTitle(message Message) string {
	title := phraseOf(message.Kind).in(message.Locale).title
	if utf8.RuneCountInString(title) > thingLength {
		return general.in(message.Locale).title
	}
	return title
}
