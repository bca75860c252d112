package push

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// TestTC3PublishedVector is the example of Tencent Cloud's documentation of "Signature v3".
func TestTC3PublishedVector(t *testing.T) {
	signer := tc3{
		secretID: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
		service: "cvm", host: "cvm.tencentcloudapi.com",
	}
	body := `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	got := signer.authorization([]byte(body), time.Unix(1551113065, 0))
	want := "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, " +
		"SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
	if got != want {
		t.Errorf("%s", got)
	}
}

// tencentFake is SendSms of Tencent Cloud: it works the signature out again from what arrived, and
// refuses as the provider does.
type tencentFake struct {
	*httptest.Server
	now    time.Time
	answer string // "" is success
	status int
	hang   chan struct{}
	bodies []map[string]any
}

var tc3Header = regexp.MustCompile(`^TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})$`)

func newTencentFake(t *testing.T) *tencentFake {
	fake := &tencentFake{now: testNow, hang: make(chan struct{})}
	fake.Server = httptest.NewServer(http.HandlerFunc(fake.serve))
	t.Cleanup(fake.Close)
	t.Cleanup(func() { close(fake.hang) })
	return fake
}

func (f *tencentFake) serve(response http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	problem := f.verify(request, body)
	var read map[string]any
	if json.Unmarshal(body, &read) == nil {
		f.bodies = append(f.bodies, read)
	}
	switch {
	case problem != "":
		_, _ = fmt.Fprintf(response, `{"Response":{"Error":{"Code":%q,"Message":"for +8610012345678"},"RequestId":"r-1"}}`, problem)
	case f.answer == "hang":
		<-f.hang
	case f.answer != "":
		if f.status != 0 {
			response.WriteHeader(f.status)
		}
		_, _ = io.WriteString(response, f.answer)
	default:
		_, _ = io.WriteString(response, sendStatus("Ok"))
	}
}

func sendStatus(code string) string {
	return fmt.Sprintf(`{"Response":{"SendStatusSet":[{"SerialNo":"1","PhoneNumber":"+8610012345678","Fee":1,`+
		`"SessionContext":"","Code":%q,"Message":"for +8610012345678","IsoCode":"CN"}],"RequestId":"r-1"}}`, code)
}

func (f *tencentFake) verify(request *http.Request, body []byte) string {
	parts := tc3Header.FindStringSubmatch(request.Header.Get("Authorization"))
	timestamp, err := strconv.ParseInt(request.Header.Get("X-TC-Timestamp"), 10, 64)
	at := time.Unix(timestamp, 0).UTC()
	switch {
	case parts == nil:
		return "AuthFailure.SignatureFailure"
	case parts[1] != "id-1":
		return "AuthFailure.SecretIdNotFound"
	case err != nil, at.Sub(f.now).Abs() > 5*time.Minute, parts[2] != at.Format("2006-01-02"):
		return "AuthFailure.SignatureExpire"
	case request.Header.Get("X-TC-Action") != "SendSms", request.Header.Get("X-TC-Version") != "2021-01-11",
		request.Header.Get("X-TC-Region") != "ap-guangzhou", request.Method != http.MethodPost:
		return "InvalidAction"
	}
	headers := ""
	for name := range strings.SplitSeq(parts[3], ";") {
		value := request.Header.Get(name)
		if name == "host" {
			value = request.Host
		}
		headers += name + ":" + strings.ToLower(strings.TrimSpace(value)) + "\n"
	}
	hashed := sha256.Sum256(body)
	canonical := sha256.Sum256([]byte(strings.Join([]string{
		request.Method, request.URL.Path, request.URL.RawQuery, headers, parts[3], hex.EncodeToString(hashed[:]),
	}, "\n")))
	key := []byte("TC3key-1")
	for _, text := range []string{
		parts[2], "sms", "tc3_request",
		fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s/sms/tc3_request\n%x", timestamp, parts[2], canonical),
	} {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, text)
		key = mac.Sum(nil)
	}
	if hex.EncodeToString(key) != parts[4] {
		return "AuthFailure.SignatureFailure"
	}
	return ""
}

func newTencent(t *testing.T, fake *tencentFake, change func(*TencentSMSConfig)) *TencentSMS {
	t.Helper()
	config := TencentSMSConfig{
		SecretID: "id-1", SecretKey: "key-1", AppID: "1400000000", SignName: "巡防", TemplateID: "100", TemplateIDEN: "200",
		Endpoint: fake.URL, Now: fixedNow,
	}
	if change != nil {
		change(&config)
	}
	sender, err := NewTencentSMS(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

func TestTencentSends(t *testing.T) {
	fake := newTencentFake(t)
	sender := newTencent(t, fake, nil)
	minutes := newTencent(t, fake, func(c *TencentSMSConfig) { c.TemplateMinute = true })
	for at, row := range []struct {
		sender          *TencentSMS
		phone           models.Secret
		locale          string
		number, templat string
		params          []any
	}{
		{sender, "10012345678", "zh-CN", "+8610012345678", "100", []any{"482913"}},
		{sender, "+85290000000", "en-GB", "+85290000000", "200", []any{"482913"}},
		{minutes, "10012345678", "", "+8610012345678", "100", []any{"482913", "5"}},
	} {
		if err := row.sender.SendCode(t.Context(), row.phone, "482913", row.locale); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"PhoneNumberSet": []any{row.number}, "SmsSdkAppId": "1400000000", "SignName": "巡防",
			"TemplateId": row.templat, "TemplateParamSet": row.params,
		}
		if !reflect.DeepEqual(fake.bodies[at], want) {
			t.Errorf("%v", fake.bodies[at])
		}
	}
}

func TestTencentErrors(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		status       int
		change       func(*TencentSMSConfig)
		code         models.Code
		after        time.Duration
	}{
		{"thirty seconds", sendStatus("LimitExceeded.PhoneNumberThirtySecondLimit"), 0, nil, models.CodeSMSTooSoon, 30 * time.Second},
		{"an hour", sendStatus("LimitExceeded.PhoneNumberOneHourLimit"), 0, nil, models.CodeSMSTooSoon, time.Hour},
		{"a day", sendStatus("LimitExceeded.PhoneNumberDailyLimit"), 0, nil, models.CodeSMSTooSoon, 24 * time.Hour},
		{"as an error", `{"Response":{"Error":{"Code":"LimitExceeded"},"RequestId":"r-1"}}`, 0, nil, models.CodeSMSTooSoon, time.Minute},
		{"the account's limit", sendStatus("LimitExceeded.AppDailyLimit"), 0, nil, models.CodeBusy, 0},
		{"the API's limit", `{"Response":{"Error":{"Code":"RequestLimitExceeded"},"RequestId":"r-1"}}`, 0, nil, models.CodeBusy, 0},
		{"a bad number", sendStatus("InvalidParameterValue.IncorrectPhoneNumber"), 0, nil, models.CodeBusy, 0},
		{"no status", `{"Response":{"RequestId":"r-1"}}`, 0, nil, models.CodeBusy, 0},
		{"a page", `<html>+8610012345678</html>`, 0, nil, models.CodeBusy, 0},
		{"a 500", `oops`, 500, nil, models.CodeBusy, 0},
		{"a redirect", `x`, 302, nil, models.CodeBusy, 0},
		{"silence", `hang`, 0, func(c *TencentSMSConfig) { c.Timeout = 50 * time.Millisecond }, models.CodeBusy, 0},
		{"another key", "", 0, func(c *TencentSMSConfig) { c.SecretKey = "key-2" }, models.CodeBusy, 0},
		{"another id", "", 0, func(c *TencentSMSConfig) { c.SecretID = "id-2" }, models.CodeBusy, 0},
		{"a slow clock", "", 0, func(c *TencentSMSConfig) { c.Now = func() time.Time { return testNow.Add(-6 * time.Minute) } }, models.CodeBusy, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			fake := newTencentFake(t)
			fake.answer, fake.status = row.answer, row.status
			err := newTencent(t, fake, row.change).SendCode(t.Context(), "10012345678", "482913", "zh-CN")
			var ours *models.Error
			if !errors.As(err, &ours) || ours.Code != row.code || ours.RetryAfter != row.after {
				t.Errorf("%v", err)
			}
			for _, secret := range []string{"10012345678", "482913", "key-"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("quotes a secret: %v", err)
				}
			}
		})
	}
}
