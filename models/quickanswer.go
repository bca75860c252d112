package models

import (
	"slices"
	"strings"
	"time"
)

// MaxQuickAnswers bounds the prepared texts of one station.
const MaxQuickAnswers = 50

// QuickAnswer is a text that a station has prepared for its officers.
type QuickAnswer struct {
	ID        ID
	StationID ID
	TextZH    string
	TextEN    string
	Order     int
	UpdatedAt time.Time // zero: as it came with the program
	DeletedAt time.Time
}

// In is the text in a language: English for "en", else Chinese.
func (q QuickAnswer) In(language string) string {
	if language == "en" {
		return q.TextEN
	}
	return q.TextZH
}

// DefaultQuickAnswers are what every station begins with. Their ids are fixed: a station's own row of the same id
// stands instead.
var DefaultQuickAnswers = []QuickAnswer{
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa01", Order: 10,
		TextZH: "已收到您的线索，民警正在赶往现场。请保持安全距离，不要自行处置。",
		TextEN: "We have your tip and officers are on their way. Please keep a safe distance and do not step in yourself.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa02", Order: 20,
		TextZH: "已收到，我们会尽快核实，有进展会在这里告诉您。",
		TextEN: "Thank you. We will look into it soon and tell you here what comes of it.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa03", Order: 30,
		TextZH: "能否补充具体地点（楼栋、单元或附近的标志物）？",
		TextEN: "Could you tell us more exactly where it was: the building, the stairwell, or something nearby?",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa04", Order: 40,
		TextZH: "能否补充大致时间，以及人员或车辆的特征（衣着、车型、颜色）？",
		TextEN: "Could you tell us about when it was, and what the people or vehicles looked like?",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa05", Order: 50,
		TextZH: "如方便且安全，请补一张现场照片；若有危险请不要靠近。",
		TextEN: "If it is safe, please add a photo of the place. If it is not, stay away.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa06", Order: 60,
		TextZH: "现在情况是否仍在继续？如有人身危险，请立即拨打 110。",
		TextEN: "Is it still going on? If anybody is in danger, call 110 at once.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa07", Order: 70,
		TextZH: "民警已到现场查看，目前没有发现异常。如再次发生，请随时告诉我们。",
		TextEN: "Officers have been there and found nothing unusual. Please tell us if it happens again.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa08", Order: 80,
		TextZH: "此事已转交有关部门处理，我们会继续跟进。",
		TextEN: "We have passed this on to those in charge of it, and keep following it.",
	},
	{
		ID: "01939c1e-8a00-7000-8000-00000000aa09", Order: 90,
		TextZH: "问题已处理，感谢您对社区平安的关心。",
		TextEN: "It has been dealt with. Thank you for helping to keep the neighbourhood safe.",
	},
}

// QuickAnswersOf are a station's prepared texts in order: what came with the program, but where the
// station has its own of that id, and what it added. What it deleted is not among them.
func QuickAnswersOf(own []QuickAnswer) []QuickAnswer {
	byID := map[ID]QuickAnswer{}
	for _, answer := range append(slices.Clone(DefaultQuickAnswers), own...) {
		byID[answer.ID] = answer
	}
	answers := make([]QuickAnswer, 0, len(byID))
	for _, answer := range byID {
		if answer.DeletedAt.IsZero() {
			answers = append(answers, answer)
		}
	}
	slices.SortFunc(answers, func(left, right QuickAnswer) int {
		if left.Order != right.Order {
			return left.Order - right.Order
		}
		return strings.Compare(string(left.ID), string(right.ID))
	})
	return answers
}

// CheckAddQuickAnswer says whether one more text of that id fits beside the station's: CodeConflict where not.
func CheckAddQuickAnswer(id ID, have []QuickAnswer) error {
	known := slices.ContainsFunc(have, func(answer QuickAnswer) bool { return answer.ID == id })
	if !known && len(have) >= MaxQuickAnswers {
		return Fail(CodeConflict)
	}
	return nil
}
