package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"xunfang/models"
	"xunfang/push"
)

// maxTemplatesFile bounds the file of templates.
const maxTemplatesFile = 256 << 10

// settleWeChat checks the mini-program's settings and reads its templates.
func (s *settings) settleWeChat(mistakes *mistakeList) {
	s.wechatTemplates = nil
	if s.WeChatApp == "" {
		if s.WeChatSecretFile != "" || s.WeChatTemplates != "" {
			mistakes.add("wechat-app", "is needed with the other settings of WeChat")
		}
		return
	}
	mistakes.oneOf("wechat-state", s.WeChatState, "formal", "trial", "developer")
	mistakes.secretFile("wechat-secret-file", s.WeChatSecretFile)
	if s.WeChatTemplates == "" {
		return
	}
	content, err := os.ReadFile(s.WeChatTemplates)
	if err == nil && len(content) > maxTemplatesFile {
		err = errors.New("is too large")
	}
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(&s.wechatTemplates)
	}
	if err == nil {
		err = push.CheckWeChatTemplates(s.wechatTemplates)
	}
	if err != nil {
		mistakes.add("wechat-templates", "%v", err)
	}
}

// wechatSecret reads the secret as it is now.
func (s *settings) wechatSecret() (models.Secret, error) { return secretNow(s.WeChatSecretFile) }

// settleHMS checks what is needed for Huawei's phones.
func (s *settings) settleHMS(mistakes *mistakeList) {
	if s.HMSApp == "" {
		if s.HMSSecretFile != "" {
			mistakes.add("hms-app", "is needed with --hms-secret-file")
		}
		return
	}
	if strings.Trim(s.HMSApp, "0123456789") != "" {
		mistakes.add("hms-app", "is a number")
	}
	mistakes.secretFile("hms-secret-file", s.HMSSecretFile)
}
