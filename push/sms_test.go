package push

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"xunfang/models"
)

func TestConsoleSMS(t *testing.T) {
	out := &bytes.Buffer{}
	if err := (ConsoleSMS{Out: out}).SendCode(t.Context(), "10012345678", "482913", "zh-CN"); err != nil {
		t.Fatal(err)
	}
	want := "[development only, no SMS was sent] sign-in code 482913 for *********78 (zh-CN)\n"
	if out.String() != want {
		t.Errorf("%q", out)
	}
	if err := (ConsoleSMS{Out: brokenWriter{}}).SendCode(t.Context(), "10012345678", "482913", "zh-CN"); models.CodeOf(err) != models.CodeBusy {
		t.Error(err)
	}
	for phone, masked := range map[models.Secret]string{"": "", "123": "***", "1234": "**34", "+8610012345678": "************78"} {
		if got := maskPhone(phone); got != masked {
			t.Errorf("%q", got)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestTencentSettings(t *testing.T) {
	_, err := NewTencentSMS(TencentSMSConfig{SecretKey: "do-not-print"})
	if err == nil || !strings.Contains(err.Error(), "AppID, Now, SecretID, SignName, TemplateID") || strings.Contains(err.Error(), "do-not-print") {
		t.Error(err)
	}
	full := TencentSMSConfig{SecretID: "a", SecretKey: "b", AppID: "c", SignName: "d", TemplateID: "e", Now: fixedNow}
	sender, err := NewTencentSMS(full)
	if err != nil || sender.signer.host != "sms.tencentcloudapi.com" {
		t.Error(err)
	}
	full.Endpoint = "not a url"
	if _, err := NewTencentSMS(full); err == nil {
		t.Error("took an endpoint that is none")
	}
}
