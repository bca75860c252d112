package models

import "time"

// How the consents to WeChat's subscription messages are bounded: one consent, one message.
const (
	MaxWeChatConsents  = 50                  // of one person to one template: more is no use
	MaxWeChatTemplates = 32                  // of one station
	WeChatConsentLife  = 90 * 24 * time.Hour // an older consent is not counted on, and forgotten
)

// WeChatInstallation stands where the installation would, for the address of a mini-program: a person has one.
const WeChatInstallation = "wechat"

// PushWeChat is the kind of address of a mini-program: an openid, written only by who proved that it is theirs.
const PushWeChat = "wechat_mini_program"

// WeChatAccount binds a person to the openid by which the mini-program knows them.
type WeChatAccount struct {
	PersonID ID
	BoundAt  time.Time
}

// WeChatTemplate is a subscription message as a person sees it in the mini-program.
type WeChatTemplate struct {
	ID       string
	Kinds    []string // of alerts; none: every other kind
	LongTerm bool     // needs no consent for each message
}

// WeChatConsent counts the messages of one template that a person still allows.
type WeChatConsent struct {
	TemplateID string
	Left       int
}
