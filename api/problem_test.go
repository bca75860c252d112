package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func TestEveryErrorHasWordsAndAStatus(t *testing.T) {
	for _, info := range models.Codes {
		if _, ok := statuses[info.Kind]; !ok && info.Code != models.CodeInternal {
			t.Errorf("%s has no status", info.Code)
		}
	}
	all := []models.FieldCode{
		models.FieldRequired, models.FieldUnknown, models.FieldDuplicate, models.FieldType, models.FieldFormat,
		models.FieldEnum, models.FieldTooShort, models.FieldTooLong, models.FieldTooSmall, models.FieldTooLarge,
		models.FieldTooFew, models.FieldTooMany, models.FieldNotUnique, models.FieldTooDeep, models.FieldEncoding,
		models.FieldNoSuch, models.FieldInFuture, models.FieldTooOld, models.FieldNotAllowed,
	}
	for _, code := range all {
		if FieldMessage(code, Chinese) == "" || FieldMessage(code, English) == "" {
			t.Errorf("%s has no words", code)
		}
	}
	if len(all) != len(fieldWords) {
		t.Error("words for a field code that is not listed here")
	}
}

func TestLanguages(t *testing.T) {
	for header, want := range map[string]string{
		"": Chinese, "zh-CN": Chinese, "zh": Chinese, "zh-TW,zh;q=0.9,en;q=0.8": Chinese, "en": English, "en-US": English,
		"en-GB,en;q=0.9": English, "en-US,en;q=0.9,zh-CN;q=0.8": English, "fr": Chinese, "fr,en;q=0.5": English,
		"*": Chinese, ";;;": Chinese, "en;q=0.1,zh;q=0.9": Chinese, strings.Repeat("en-", 100): Chinese, "fr;q=0.9,zh;q=0.8": Chinese,
	} {
		if got := languageOf(header); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
	b := newBench(t, nil)
	zh := b.do(t, "GET", "/v1/check-ins?limit=0", "", as("officer"))
	en := b.do(t, "GET", "/v1/check-ins?limit=0", "", as("officer"), "Accept-Language: en-GB")
	if problem := zh.problem(t); problem.Title != "请求不符合约定" || problem.Errors[0].Message != "数值太小" ||
		zh.header.Get("Content-Language") != Chinese || !strings.Contains(zh.header.Get("Vary"), "Accept-Language") {
		t.Errorf("%+v %v", problem, zh.header)
	}
	if problem := en.problem(t); problem.Title != "The request breaks the contract" || problem.Errors[0].Message != "It is too small" ||
		en.header.Get("Content-Language") != English || !strings.Contains(en.body, `">= 1"`) {
		t.Errorf("%+v %s", problem, en.body)
	}
}

func TestErrorsBecomeProblems(t *testing.T) {
	b := newBench(t, func(o *Options) { o.CheckResponses = false })
	tests := []struct {
		name   string
		err    error
		status int
		code   string
		retry  string
	}{
		{"ours, wrapped", fmt.Errorf("store: %w", models.Fail(models.CodeNotFound)), 404, "not_found", ""},
		{"with wait", models.Fail(models.CodeBusy).After(1500 * time.Millisecond), 503, "busy", "2"},
		{"not ours", errors.New("secret dsn"), 500, "internal", ""},
		{"ours of no kind", &models.Error{Code: "odd"}, 500, "internal", ""},
		{"deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "busy", "1"},
	}
	for _, test := range tests {
		b.fake.me = func(context.Context) (GetMeResponseObject, error) { return nil, test.err }
		got := b.do(t, "GET", "/v1/me", "", as("officer"))
		if got.status != test.status || got.problem(t).Code != test.code || got.header.Get("Retry-After") != test.retry {
			t.Errorf("%s: %d %v %s", test.name, got.status, got.header, got.body)
		}
		if strings.Contains(got.body, "dsn") {
			t.Errorf("%s: the cause was sent", test.name)
		}
	}
	if count := strings.Count(b.log.String(), "secret dsn"); count != 1 {
		t.Errorf("the cause was logged %d times", count)
	}
}

func TestAPanicIsA500(t *testing.T) {
	b := newBench(t, nil)
	b.fake.me = func(context.Context) (GetMeResponseObject, error) { panic("boom-7") }
	got := b.do(t, "GET", "/v1/me", "", as("officer"))
	if got.status != 500 || got.problem(t).Code != "internal" || strings.Contains(got.body, "boom") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if log := b.log.String(); strings.Count(log, "boom-7") != 1 || strings.Count(log, "problem_test.go") == 0 {
		t.Errorf("log: %s", log)
	}
	if b.do(t, "GET", "/healthz", "").status != 200 {
		t.Error("the server is gone")
	}
}

func TestTheLogTellsNoSecrets(t *testing.T) {
	b := newBench(t, nil)
	b.fake.token = func(context.Context, CreateTokenRequestObject) (CreateTokenResponseObject, error) {
		return nil, models.Fail(models.CodeBadCredentials)
	}
	b.do(t, "POST", "/v1/auth/token", `{"grant_type":"password","account":"zhao","password":"geheim-1"}`)
	b.do(t, "GET", "/v1/check-ins?cursor=geheim-2", "", as("resident"))
	b.do(t, "DELETE", "/v1/me/push-addresses/geheim-3", "", "Authorization: Bearer geheim-4")
	b.do(t, "GET", "/geheim-5", "")
	b.do(t, "GEHEIM", "/", "")
	log := b.log.String()
	if strings.Contains(strings.ToLower(log), "geheim") || strings.Contains(log, "zhao") {
		t.Error(log)
	}
	for _, part := range []string{`"operation":"createToken"`, `"route":"/v1/me/push-addresses/{installation_id}"`, `"code":"bad_credentials"`, `"person_id":"person-resident"`} {
		if !strings.Contains(log, part) {
			t.Errorf("no %s in %s", part, log)
		}
	}
}

func TestAnswersThatBreakTheContractAreLoud(t *testing.T) {
	b := newBench(t, nil)
	answers := map[string]GetMeResponseObject{
		"a missing list":   GetMe200JSONResponse{Id: someID, Kind: "person", StationId: someID, SessionId: someID},
		"an odd enum":      GetMe200JSONResponse{Id: someID, Kind: "cat", StationId: someID, SessionId: someID, Roles: []Grant{}},
		"no id":            GetMe200JSONResponse{Kind: "person", StationId: someID, SessionId: someID, Roles: []Grant{}},
		"no answer at all": nil,
	}
	for name, response := range answers {
		b.fake.me = func(context.Context) (GetMeResponseObject, error) { return response, nil }
		if got := b.do(t, "GET", "/v1/me", "", as("officer")); got.status != 500 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	b.fake.me = func(context.Context) (GetMeResponseObject, error) { return nil, models.Fail(models.CodeWrongState) }
	if got := b.do(t, "GET", "/v1/me", "", as("officer")); got.status != 500 {
		t.Errorf("a status that is not listed: %d", got.status)
	}
	b.fake.me = func(context.Context) (GetMeResponseObject, error) {
		return GetMe200JSONResponse{Id: someID, Kind: "person", StationId: someID, SessionId: someID, Roles: []Grant{}}, nil
	}
	if got := b.do(t, "GET", "/v1/me", "", as("officer")); got.status != 200 {
		t.Errorf("the control: %d %s", got.status, got.body)
	}
}
