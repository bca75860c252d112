package push

import (
	"slices"
	"strings"

	"xunfang/models"
)

// words is what a locked phone shows: the same for everybody, so it can hold nothing personal.
type words struct {
	title, body string
}

// phrase is the words of one kind of alert in the two languages.
type phrase struct {
	zh, en words
}

// phrases are the words of the kinds that have their own.
var phrases = map[string]phrase{
	"notice": {
		zh: words{"社区通知", "您有一条新的社区通知，请打开应用查看。"},
		en: words{"Community notice", "You have a new community notice. Open the app to read it."},
	},
	"warning": {
		zh: words{"安全预警", "您所在的区域有一条安全预警，请打开应用查看。"},
		en: words{"Safety warning", "There is a safety warning for your area. Open the app to read it."},
	},
	"call_for_help": {
		zh: words{"紧急求助", "附近有人需要帮助，请立即打开应用查看。"},
		en: words{"Call for help", "Someone nearby needs help. Open the app now."},
	},
	"sos": {
		zh: words{"紧急求助", "有人请求帮助，请立即打开应用查看并答复。"},
		en: words{"SOS", "Someone calls for help. Open the app now and answer."},
	},
	"sos_claim": {
		zh: words{"求助有新情况", "您参与的求助有新情况，请打开应用查看。"},
		en: words{"News of a call for help", "There is news of a call for help. Open the app to read it."},
	},
	"welfare_check": {
		zh: words{"请确认平安", "请立即打开应用确认平安，否则将自动为您求助。"},
		en: words{"Are you safe?", "Open the app now and confirm, or help will be called."},
	},
	"missing_person": {
		zh: words{"协助寻人", "派出所请您协助寻人，请打开应用查看。"},
		en: words{"Missing person", "The station asks for your help in finding someone. Open the app."},
	},
	"digest": {
		zh: words{"您有新消息", "夜间有新的消息，请打开应用查看。"},
		en: words{"New messages", "There are new messages from the night. Open the app to read them."},
	},
	"alert_cancelled": {
		zh: words{"预警已撤销", "先前的一条预警已撤销，请打开应用查看。"},
		en: words{"Alert cancelled", "An earlier alert was cancelled. Open the app to read it."},
	},
	"tip_update": {
		zh: words{"线索有新进展", "您提供的线索有新进展，请打开应用查看。"},
		en: words{"News about your tip", "There is news about your tip. Open the app to read it."},
	},
	"tip": {
		zh: words{"线索待处理", "有一条线索需要您处理，请打开应用查看。"},
		en: words{"A tip needs you", "There is a tip for you to see to. Open the app to read it."},
	},
	"tip_help": {
		zh: words{"附近需要协助", "附近正在发生，请立即打开应用查看并答复。"},
		en: words{"Help needed nearby", "Something is happening near you. Open the app now and answer."},
	},
	"tip_message": {
		zh: words{"线索有新消息", "有一条线索有新消息，请打开应用查看。"},
		en: words{"Message about a tip", "There is a new message about a tip. Open the app to read it."},
	},
	"finding": {
		zh: words{"巡逻发现", "有一项巡逻发现需要立即处理，请打开应用查看。"},
		en: words{"Found on patrol", "Something found on patrol needs you now. Open the app."},
	},
	"commendation": {
		zh: words{"您获得了表彰", "派出所表彰了您，请打开应用查看。"},
		en: words{"You are commended", "The station commends you. Open the app to read it."},
	},
	"commendation_revoked": {
		zh: words{"表彰有变动", "您的一项表彰有变动，请打开应用查看。"},
		en: words{"News about a commendation", "There is news about a commendation of yours. Open the app to read it."},
	},
	"reward_ending": {
		zh: words{"奖励即将逾期", "有一笔奖励即将逾期，请打开应用查看。"},
		en: words{"A reward ends soon", "A reward lapses soon unless it is claimed. Open the app to see it."},
	},
	"reward_lapsed": {
		zh: words{"奖励已逾期", "有一笔奖励逾期未领，请打开应用查看。"},
		en: words{"A reward has lapsed", "A reward was not claimed in time. Open the app to see it."},
	},
	"reward": {
		zh: words{"奖励待领取", "您有一笔奖励待领取，请打开应用查看。"},
		en: words{"A reward waits for you", "A reward waits to be claimed. Open the app to see how."},
	},
	"patrol_watch": {
		zh: words{"巡逻异常", "有一项巡逻异常需要您处理，请打开应用查看。"},
		en: words{"Patrol needs you", "Something is amiss with a patrol. Open the app to see what."},
	},
	"patrol_watch_update": {
		zh: words{"巡逻异常已解除", "一项告知过您的巡逻异常已解除。"},
		en: words{"Patrol is well again", "Something amiss with a patrol that you were told of is over."},
	},
	"door_alarm": {
		zh: words{"门禁报警", "有一扇门需要您查看，请打开应用。"},
		en: words{"A door needs you", "A door wants looking at. Open the app to see which."},
	},
	"device_back": {
		zh: words{"门禁设备恢复", "一台失联的门禁设备又恢复了，请打开应用查看。"},
		en: words{"A controller is back", "A door controller that was silent is heard again. Open the app to see which."},
	},
	"door_duress": {
		zh: words{"紧急报警", "有一项紧急报警需要您处理，请打开应用查看。"},
		en: words{"Urgent alarm", "An urgent alarm needs you. Open the app to see it."},
	},
	"vehicle": {
		zh: words{"您的车辆有新情况", "您的车辆有新情况，请立即打开应用查看。"},
		en: words{"News about your vehicle", "Something happened with your vehicle. Open the app now to see what."},
	},
	"vehicle_pending": {
		zh: words{"有车辆待核实", "小区有新登记的车辆待您核实，请打开应用查看。"},
		en: words{"A vehicle to confirm", "A newly registered vehicle waits for you to confirm it. Open the app."},
	},
	"visitor_pass": {
		zh: words{"访客通行有新情况", "您的一次访客通行有新情况，请打开应用查看。"},
		en: words{"News of a visitor", "There is news of a visitor's pass of yours. Open the app to read it."},
	},
	"group": {
		zh: words{"小区安全群有新消息", "小区安全群有一条新消息，请打开应用查看。"},
		en: words{"Security group", "There is a new message in a security group. Open the app to read it."},
	},
	"repair": {
		zh: words{"报修有新进展", "有一项报修有新进展，请打开应用查看。"},
		en: words{"News about a repair", "There is news about a repair. Open the app to read it."},
	},
	"call": {
		zh: words{"门口有人呼叫", "门口有人呼叫您家，请打开应用接听。"},
		en: words{"Someone is at the door", "Someone rings your home from the door. Open the app to answer."},
	},
	"finding_update": {
		zh: words{"巡逻发现有新进展", "您报告的巡逻发现有新进展，请打开应用查看。"},
		en: words{"News about your finding", "There is news about what you found. Open the app to read it."},
	},
}

// general are the words of every other kind: kinds are open, what a lock screen says is not.
var general = phrase{
	zh: words{"新消息", "您有一条新消息，请打开应用查看。"},
	en: words{"New message", "You have a new message. Open the app to read it."},
}

// unspoken are the service's own kinds without words of their own.
var unspoken = []string{
	models.AlertMessage, models.AlertWebhookBroken, models.AlertSOSLeft, models.AlertFaceDeletion, models.AlertConcernReport,
	models.AlertConcernDecided, models.AlertConcernDispatch,
}

// anyKind stands for the others: whoever sends an alert may make up its kind, and so could put a number or a name into it.
const anyKind = "alert"

// named is what a payload calls a kind.
func named(kind string) string {
	if _, own := phrases[kind]; own || slices.Contains(unspoken, kind) {
		return kind
	}
	return anyKind
}

// phraseOf gives the words of a kind.
func phraseOf(kind string) phrase {
	if own, found := phrases[kind]; found {
		return own
	}
	return general
}

// in chooses the language: English for en and its regions, Chinese for everything else.
func (p phrase) in(locale string) words {
	if languageOf(locale) == english {
		return p.en
	}
	return p.zh
}

// The languages there are.
const (
	chinese = "zh-CN"
	english = "en"
)

func languageOf(locale string) string {
	if language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-"); language == english {
		return english
	}
	return chinese
}

// A call says first how urgent it is, then the words of the kind, then which key acknowledges.
const (
	emergencyCallZH, emergencyCallEN = "这是紧急预警。", "This is an emergency alert. "
	highCallZH, highCallEN           = "这是重要预警。", "This is an important alert. "
	otherCallZH, otherCallEN         = "这是一条通知。", "This is a notice. "
	keyCallZH, keyCallEN             = "签收请按 1。", " To acknowledge, press 1."
)

// spoken is what is read aloud of an alert: like a lock screen, the same for everybody.
func spoken(message Message) string {
	zh, en := otherCallZH, otherCallEN
	switch message.Severity {
	case models.SeverityEmergency:
		zh, en = emergencyCallZH, emergencyCallEN
	case models.SeverityHigh:
		zh, en = highCallZH, highCallEN
	}
	shown := phraseOf(message.Kind).in(message.Locale)
	if languageOf(message.Locale) == english {
		return en + shown.title + ". " + shown.body + keyCallEN
	}
	return zh + shown.title + "。" + shown.body + keyCallZH
}
