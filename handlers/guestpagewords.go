package handlers

import (
	"fmt"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// guestWords are the words of guests' pages in one language.
type guestWords struct {
	Language, Title, QR, Use, Way, Name, Take, Keep           string
	none, full, usedTimes, further, guard, from, until, hours string
	extension                                                 string
	states                                                    map[models.VisitorPassState]string
	days                                                      [7]string
	left                                                      func(time.Duration) string
}

var guestPageWords = map[string]guestWords{
	api.Chinese: {
		Language: api.Chinese, Title: "访客通行", QR: "二维码", Use: "在门口扫二维码，或输入上面的验证码。请勿转发。", Way: "怎么走",
		Name: "怎么称呼您（可以不填）", Take: "领取我的验证码", Keep: "领取之后请收藏您自己的页面，它只属于您一个人。",
		none: "没有这样的页面。请向邀请您的人要新的链接。", full: "名额已满。请联系邀请您的人。", usedTimes: "还可以来访 %d 次",
		guard:     "请出示给门卫",
		further:   "已进门，其余的门还可以各开一次",
		extension: "门口要求附加码时，再输入 %s",
		from:      "从 %s 起", until: "到 %s 止", hours: "每%s %s–%s",
		states: map[models.VisitorPassState]string{
			models.PassUpcoming: "还没到时间", models.PassActive: "有效", models.PassUsed: "已用完", models.PassExpired: "已过期",
			models.PassRevoked: "已作废",
		},
		days: [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"},
		left: func(left time.Duration) string { return "还剩 " + spanOf(left, " 天", " 小时", " 分钟") },
	},
	api.English: {
		Language: api.English, Title: "Visitor's pass", QR: "QR code", Way: "The way",
		Use:  "Show the QR code at the door, or type the code above. Please do not pass it on.",
		Name: "Your name (if you like)", Take: "Get my code", Keep: "Then keep the address of your own page: it is yours alone.",
		none: "There is no such page. Ask whoever invited you for a new address.",
		full: "All places are taken. Please ask whoever invited you.", usedTimes: "%d more visits",
		guard:     "show the code to the guard",
		further:   "You are in: each further door opens once more",
		extension: "If the door asks for an extension, type %s",
		from:      "From %s", until: "Until %s", hours: "%s, %s–%s",
		states: map[models.VisitorPassState]string{
			models.PassUpcoming: "Not yet", models.PassActive: "Valid", models.PassUsed: "Used up", models.PassExpired: "Expired",
			models.PassRevoked: "Withdrawn",
		},
		days: [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		left: func(left time.Duration) string { return spanOf(left, " d", " h", " min") + " left" },
	},
}

// door names a door, and what to do where no code can be typed.
func (w guestWords) door(door models.Door) string {
	if door.TakesCodes() {
		return door.Name
	}
	return door.Name + " · " + w.guard
}

// spanOf writes a time in its two largest parts; what is begun counts, so that nobody reads zero while a door opens.
func spanOf(left time.Duration, day, hour, minute string) string {
	minutes := int((left + time.Minute - 1) / time.Minute)
	days, hours, minutes := minutes/models.DayMinutes, minutes%models.DayMinutes/60, minutes%60
	parts := []string{}
	for _, part := range []struct {
		count int
		word  string
	}{{days, day}, {hours, hour}, {minutes, minute}} {
		if part.count > 0 && len(parts) < 2 {
			parts = append(parts, fmt.Sprint(part.count, part.word))
		}
	}
	return strings.Join(parts, " ")
}

// times writes the hours of a pass; "" when it has none.
func (w guestWords) times(times models.PassTimes) string {
	if times.IsZero() {
		return ""
	}
	days, clock := []string{}, func(minute int) string {
		return fmt.Sprintf("%02d:%02d", minute%models.DayMinutes/60, minute%60)
	}
	for _, day := range times.Weekdays {
		days = append(days, w.days[day])
	}
	return fmt.Sprintf(w.hours, strings.Join(days, w.comma()), clock(times.StartMinute), clock(times.StartMinute+times.LengthMinutes))
}

func (w guestWords) comma() string {
	if w.Language == api.English {
		return ", "
	}
	return "、"
}
