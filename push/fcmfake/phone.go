package fcmfake

// Delivered is a message that was taken, and with that came to its phone.
type Delivered struct {
	Name     string // as Firebase called it
	AlertID  string // of its data
	Tag      string // of its Android notification
	Collapse string // its apns-collapse-id
	Unsaid   bool   // the answer was lost, see Lost
}

// delivered shares the strings that are the same: a fake remembers many.
func (e envelope) delivered(name string) Delivered {
	one := Delivered{
		Name: name, AlertID: e.Message.Data["alert_id"], Tag: e.Message.Android.Notification.Tag,
		Collapse: e.Message.APNS.Headers["apns-collapse-id"],
	}
	if one.Tag == one.AlertID {
		one.Tag = one.AlertID
	}
	if one.Collapse == one.AlertID {
		one.Collapse = one.AlertID
	}
	return one
}

// Delivered lists what a token was sent, in order, repeats included; the last 10,000.
func (f *Fake) Delivered(address string) []Delivered {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.tokens[address]; known != nil {
		return append([]Delivered{}, known.taken...)
	}
	return nil
}

// Shown is what a phone's lock screen shows of what was delivered to it, as docs/api-guide.md tells app makers: a notification takes
// the place of the one with the same tag on Android, with the same apns-collapse-id on Apple's phones; without one it is another,
// whatever alert it is about. platform is "android" or "ios".
func Shown(delivered []Delivered, platform string) []Delivered {
	shown, place := []Delivered{}, map[string]int{}
	for _, one := range delivered {
		key := one.Tag
		if platform == "ios" {
			key = one.Collapse
		}
		at, there := place[key]
		switch {
		case key != "" && there:
			shown[at] = one
		default:
			place[key] = len(shown)
			shown = append(shown, one)
		}
	}
	return shown
}
