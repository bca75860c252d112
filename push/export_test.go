package push

import "firebase.google.com/go/v4/messaging"

// ForgetToCollapse makes the channel leave out of each message by what a phone knows a repeat.
func (f *Firebase) ForgetToCollapse() {
	f.altered = func(payload *messaging.Message) {
		if payload.Android != nil {
			payload.Android.CollapseKey, payload.Android.Notification.Tag = "", ""
		}
		if payload.APNS != nil {
			delete(payload.APNS.Headers, "apns-collapse-id")
		}
	}
}

// Kinds are the kinds of alerts that have words of their own.
func Kinds() []string {
	kinds := make([]string, 0, len(phrases))
	for kind := range phrases {
		kinds = append(kinds, kind)
	}
	return kinds
}

// WordsOf are the words of a kind that a phone shows.
func WordsOf(kind, locale string) (title, body string) {
	shown := phraseOf(kind).in(locale)
	return shown.title, shown.body
}
