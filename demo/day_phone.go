package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"xunfang/models"
)

// sendTrack sends a track in batches that overlap, the later one first.
func (d *day) sendTrack(ctx context.Context, who *actor, track []map[string]any) {
	type receipt struct {
		Received   int `json:"received"`
		Kept       int `json:"kept"`
		Duplicates int `json:"duplicates"`
	}
	half, sum, got := len(track)/2, receipt{}, answer{}
	for _, part := range [][]map[string]any{track[half-50:], track[:half]} {
		for batch := range slices.Chunk(part, batchMost) {
			got = d.call(ctx, who, http.MethodPost, "/v1/tracks", map[string]any{"items": batch})
			one := into[receipt](got)
			sum.Received, sum.Kept, sum.Duplicates = sum.Received+one.Received, sum.Kept+one.Kept, sum.Duplicates+one.Duplicates
		}
	}
	d.prove(who, "POST /v1/tracks", got, http.StatusOK, sum.Kept == len(track) && sum.Received == len(track)+50 && sum.Duplicates == 50, words{
		fmt.Sprintf("车的轨迹分批补传，重叠的不重复保存（%d 个位置）", sum.Kept),
		bracket("the car's track in batches that overlap: each position once", sum.Kept),
	})
}

// find reports a forced door with a photo, of which the commander hears at once.
func (d *day) find(ctx context.Context, where scan) {
	leader, id := d.night.leader, d.newID()
	photo, err := photoWithPlace()
	if err != nil {
		d.line(false, leader.name, "POST /v1/media", "-", words{"照片没有生成", "the photo could not be made"})
		return
	}
	media := into[tipState](d.upload(ctx, leader, photo)).ID
	got := d.call(ctx, leader, http.MethodPost, "/v1/findings", map[string]any{"items": []any{map[string]any{
		"id": id, "kind": "forced_door", "description": "沿街商铺卷帘门被撬开一角，店内无人。", "position": position(where.place),
		"checkpoint_id": where.checkpoint, "round_id": d.round.ID, "media_ids": []models.ID{media}, "found_at": wireTime(where.at),
	}}})
	d.prove(leader, "POST /v1/findings", got, http.StatusOK, all(got, 1, "recorded", false),
		words{"巡逻发现：门被撬，附照片", "a finding on the way: a forced door, with a photo"})
	got = d.call(ctx, d.commander, http.MethodGet, "/v1/me/inbox", nil)
	d.prove(d.commander, "GET /v1/me/inbox", got, http.StatusOK, inboxAbout(got, id) == 1,
		words{"值班所长立即得知", "the duty commander hears of it at once"})
	got = d.post(ctx, d.commander, "/v1/findings/"+string(id)+"/transitions", map[string]string{"state": "accepted", "note": "已派人前往查看。"})
	told := d.call(ctx, leader, http.MethodGet, "/v1/me/inbox", nil)
	d.prove(d.commander, "POST /v1/findings/{id}/transitions", got, http.StatusOK, inboxAbout(told, id) == 1,
		words{"所长接收，队长收到答复", "the commander accepts it, and the leader is told so"})
}

// inboxAbout counts what an inbox has about something.
func inboxAbout(got answer, about models.ID) int {
	count := 0
	for _, item := range into[page[inboxItem]](got).Items {
		if item.About == about {
			count++
		}
	}
	return count
}

// phoneState is what a phone has after GET /v1/sync.
type phoneState struct {
	Token       models.ID    `json:"token"`
	Full        bool         `json:"full"`
	More        bool         `json:"more"`
	Squads      []roundState `json:"squads"`
	Shifts      []struct{}   `json:"shifts"`
	Rounds      []roundState `json:"rounds"`
	Checkpoints []roundState `json:"checkpoints"`
	Gone        []struct{}   `json:"gone"`
}

// sync asks until there is no more.
func (d *day) sync(ctx context.Context, who *actor, since models.ID) (phoneState, answer) {
	whole, query := phoneState{Token: since}, "?limit=500"
	for {
		path := "/v1/sync" + query
		if whole.Token != "" {
			path += "&since=" + string(whole.Token)
		}
		got := d.call(ctx, who, http.MethodGet, path, nil)
		part := into[phoneState](got)
		whole.Token, whole.Full = part.Token, whole.Full || part.Full
		whole.Squads, whole.Rounds = append(whole.Squads, part.Squads...), append(whole.Rounds, part.Rounds...)
		whole.Shifts, whole.Gone = append(whole.Shifts, part.Shifts...), append(whole.Gone, part.Gone...)
		whole.Checkpoints = append(whole.Checkpoints, part.Checkpoints...)
		if !part.More || got.status != http.StatusOK {
			return whole, got
		}
	}
}

// syncFull fills an empty phone with all that its shift needs; it gives the token for what changes later.
func (d *day) syncFull(ctx context.Context) models.ID {
	state, got := d.sync(ctx, d.night.leader, "")
	known := map[models.ID]bool{}
	for _, one := range slices.Concat(state.Squads, state.Checkpoints) {
		known[one.ID] = true
	}
	holds := state.Full && known[d.night.squad.ID] && len(state.Shifts) > 0
	for _, stop := range d.night.plan.Stops {
		holds = holds && known[stop.CheckpointID]
	}
	d.prove(d.night.leader, "GET /v1/sync", got, http.StatusOK, holds, words{
		fmt.Sprintf("出车前手机取齐本班所需（%d 个点位），之后可离线", len(state.Checkpoints)),
		bracket("before the shift the phone takes all it needs with it, checkpoints and all", len(state.Checkpoints)),
	})
	return state.Token
}

// syncChange brings the phone what has changed: the round, and nothing that it has.
func (d *day) syncChange(ctx context.Context, since models.ID) {
	state, got := d.sync(ctx, d.night.leader, since)
	done := false
	for _, round := range state.Rounds {
		done = done || round.ID == d.round.ID && round.State == "completed"
	}
	d.prove(d.night.leader, "GET /v1/sync?since=", got, http.StatusOK,
		done && !state.Full && len(state.Checkpoints)+len(state.Squads)+len(state.Shifts)+len(state.Gone) == 0,
		words{"回所后再同步：只来这次巡逻的变化", "back at the station: only the round has changed"})
}
