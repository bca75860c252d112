package handlers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// watchWords says what is wrong about patrol, by the station's wall clock. It names places and plans, never people.
type watchWords struct {
	zone    *time.Location
	english bool // alerts are in Chinese always
}

// sentence is a concern in one sentence.
func (w watchWords) sentence(concern models.Concern) string {
	when := w.clock(concern.From)
	if w.english {
		text := map[models.ConcernKind]string{
			models.ConcernStopMissed: concern.RoundName + ": nobody was at " + concern.Name + " by " + when,
			models.ConcernNotStarted: concern.Name + " was to start at " + when + " and has not",
			models.ConcernPostLeft:   "Nobody of the squad at " + concern.Name + " since " + when,
			models.ConcernGap:        "Nobody at " + concern.Name + " since " + when,
		}[concern.Kind]
		return text + map[models.ConcernOutcome]string{models.ConcernResolved: " (resolved)", models.ConcernLapsed: " (lapsed)"}[concern.Outcome]
	}
	text := map[models.ConcernKind]string{
		models.ConcernStopMissed: concern.RoundName + "：" + concern.Name + " 截至 " + when + " 无人到点",
		models.ConcernNotStarted: concern.Name + " 应于 " + when + " 开始，尚未开始",
		models.ConcernPostLeft:   concern.Name + " 自 " + when + " 起无队员在岗",
		models.ConcernGap:        concern.Name + " 自 " + when + " 起无人到过",
	}[concern.Kind]
	return text + map[models.ConcernOutcome]string{
		models.ConcernResolved: "（已解除）", models.ConcernLapsed: "（已过期）",
	}[concern.Outcome]
}

// clock has the day with it: a night has two.
func (w watchWords) clock(at time.Time) string {
	if w.english {
		return at.In(w.zone).Format("2 Jan 15:04")
	}
	return at.In(w.zone).Format("1月2日 15:04")
}

func (w watchWords) title(concern models.Concern) models.Secret {
	name := concern.Name
	if concern.RoundID != "" {
		name = concern.RoundName
	}
	return models.Secret(map[models.ConcernKind]string{
		models.ConcernStopMissed: "巡更漏点：", models.ConcernNotStarted: "巡逻未按时开始：",
		models.ConcernPostLeft: "岗位无人：", models.ConcernGap: "重点部位久无人到：",
	}[concern.Kind] + name)
}

// body tells of one concern in its sentence, and of several stops of a round by their names.
func (w watchWords) body(told []models.Concern) models.Secret {
	if len(told) == 1 {
		return models.Secret(w.sentence(told[0]) + "。")
	}
	return models.Secret(fmt.Sprintf("%s：%s 到时无人到点。", told[0].RoundName, namesOf(told)))
}

func (w watchWords) resolved(told []models.Concern) models.Secret {
	if len(told) == 1 {
		return models.Secret(w.sentence(told[0]) + "。")
	}
	return models.Secret(fmt.Sprintf("%s：%s 已解除。", told[0].RoundName, namesOf(told)))
}

// maxNamed is how many stops an alert names; of the rest it tells the number.
const maxNamed = 5

func namesOf(told []models.Concern) string {
	names := []string{}
	for _, concern := range told {
		if !slices.Contains(names, concern.Name) {
			names = append(names, concern.Name)
		}
	}
	if len(names) > maxNamed {
		return fmt.Sprintf("%s 等 %d 处", strings.Join(names[:maxNamed], "、"), len(names))
	}
	return strings.Join(names, "、")
}

// wire writes a concern.
func (w watchWords) wire(concern models.Concern) api.WatchConcern {
	wire := api.WatchConcern{
		Id: concern.ID, Kind: api.WatchConcernKind(concern.Kind), Severity: api.Severity(concern.Severity), State: api.WatchConcernStateOpen,
		SquadId: idOrNil(concern.SquadID), RoundId: idOrNil(concern.RoundID), PlaceId: idOrNil(concern.PlaceID), Name: concern.Name,
		From: api.At(concern.From), Since: api.At(concern.Since), NoticedAt: api.At(concern.ID.Time()),
		ToldLeaderAt: api.AtOrNil(concern.ToldLeaderAt), ToldCommanderAt: api.AtOrNil(concern.ToldCommanderAt),
		EndedAt: api.AtOrNil(concern.EndedAt), Sentence: w.sentence(concern),
	}
	if concern.Outcome != "" {
		outcome := api.WatchConcernOutcome(concern.Outcome)
		wire.Outcome, wire.State = &outcome, api.WatchConcernStateEnded
	}
	return wire
}
