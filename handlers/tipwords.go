package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// spoken is what an alert says, in both languages: whoever reads it chooses (models.Alert.In).
type spoken struct{ zh, en models.Secret }

// What the officers of a tip are told.
var (
	tipIsNew       = spoken{"新线索", "New tip"}
	tipIsYours     = spoken{"线索已转给您", "A tip was given to you"}
	tipIsMoved     = spoken{"您办理的线索由他人推进", "Somebody else has moved a tip of yours"}
	tipIsAnothers  = spoken{"您办理的线索已转给他人", "A tip of yours was given to somebody else"}
	tipIsLate      = spoken{"线索超时未处理", "A tip is overdue"}
	tipIsWithdrawn = spoken{"线索已由提交者撤回", "The reporter has withdrawn a tip"}
	tipIsReopened  = spoken{"提交者请求重新处理线索", "The reporter asks to have a tip taken up again"}
	tipNeedsHelp   = spoken{"附近正在发生，请前往协助", "It is happening near you: please go and help"}
)

// What both sides of the conversation are told; what the phone of a receipt shows says nothing.
var (
	tipHasMessage  = spoken{"线索有新消息", "A new message about a tip"}
	tipOpenMessage = spoken{"请打开线索查看。", "Open the tip to read it."}
	quietTitle     = spoken{"新消息", "New message"}
	quietBody      = spoken{"您有一条新消息。", "You have a new message."}
)

// What somebody is told who reported hidden.
var (
	identityAsked = spoken{
		"有民警申请查看您隐去的身份，须另一位民警同意", "An officer asks to see who you are; another one has to consent",
	}
	identityOpened = spoken{
		"经两位民警同意，您隐去的身份已向他们公开", "By the consent of two officers they now know who you are",
	}
)

// What the reporter of a tip is told of its way.
var tipSteps = map[models.TipState]spoken{
	models.TipAcknowledged:    {"民警已收到您的线索", "Officers have your tip"},
	models.TipInvestigating:   {"民警正在核查您的线索", "Officers are looking into your tip"},
	models.TipActionScheduled: {"已为您的线索安排处置", "Action on your tip is scheduled"},
	models.TipResolved:        {"您的线索已处理", "Your tip has been dealt with"},
	models.TipClosed:          {"您的线索已办结", "Your tip is closed"},
}

// tipMerged is the note of a tip that goes on as another one.
var tipMerged = spoken{
	"已有人先后报告同一情况，您的线索与其合并办理，进展会继续告知您。",
	"Others have reported the same. Your tip goes on together with theirs, and you will be told what comes of it.",
}

// noteIn is the note of a step as who reads it gets it: what an officer wrote as it is, and our own words in their language.
func noteIn(note models.Secret, language string) models.Secret {
	if note == tipMerged.zh && language == api.English {
		return tipMerged.en
	}
	return note
}

// categoryWords is the name of a tip's category, as its station has it now; the code of one that it never had.
func categoryWords(ctx context.Context, tx *store.Store, tip models.Tip) (spoken, error) {
	category, err := tx.TipCategory(ctx, tip.Place.Station, tip.Category, 0)
	if models.CodeOf(err) == models.CodeNotFound {
		return asWritten(models.Secret(tip.Category)), nil
	}
	return spoken{models.Secret(category.NameZH), models.Secret(category.NameEN)}, err
}

// worded gives an alert its title and body in both languages.
func worded(alert models.Alert, title, body spoken) models.Alert {
	alert.Title, alert.TitleEN, alert.Body, alert.BodyEN = title.zh, title.en, body.zh, body.en
	return alert
}

// asWritten is what somebody wrote: it stands in every language as it is.
func asWritten(words models.Secret) spoken { return spoken{words, words} }
