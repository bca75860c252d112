package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"xunfang/models"
)

// The files of the morning, in the data folder.
const (
	coverFile  = "coverage.svg"
	reportFile = "report" // .pdf and .xlsx
)

const (
	countTime = 60 * time.Second // until everything is counted
	gapsShown = 3
)

type coverFigures struct {
	Visits         int `json:"visits"`
	PatrolMinutes  int `json:"patrol_minutes"`
	OfficerMinutes int `json:"officer_minutes"`
	LongestGap     int `json:"longest_gap_minutes"`
}

type coverState struct {
	CountedUntil time.Time `json:"counted_until"`
	Items        []struct {
		ID    models.ID    `json:"id"`
		Total coverFigures `json:"total"`
	} `json:"items"`
}

// coverMorning looks at what the night has left uncovered.
func (d *day) coverMorning(ctx context.Context) {
	if len(d.round.Stops) <= stopMissed {
		d.line(false, d.commander.name, "GET /v1/coverage", "-", words{"没有昨夜的巡逻可看", "there is no round of last night to look at"})
		return
	}
	d.coverFigures(ctx)
	d.stopShare(ctx)
	d.coverGaps(ctx)
	d.coverPicture(ctx)
	d.report(ctx)
}

func between(from, to time.Time) string {
	return url.Values{"from": {wireTime(from)}, "to": {wireTime(to)}}.Encode()
}

// coverFigures waits until the night is counted, and compares the figures of its stops with what was done there.
func (d *day) coverFigures(ctx context.Context) {
	asked, got, cover := time.Now(), answer{}, coverState{}
	path := "/v1/coverage?kind=checkpoint&mode=night&slot=8h&" + between(d.round.StartsAt, d.round.EndsAt)
	for cover.CountedUntil.Before(asked) && time.Since(asked) < countTime && ctx.Err() == nil {
		if got = d.call(ctx, d.commander, http.MethodGet, path, nil); got.status != http.StatusOK {
			break
		}
		cover = into[coverState](got)
		waitUntil(ctx, time.Second, func() bool { return !cover.CountedUntil.Before(asked) })
	}
	of := map[models.ID]coverFigures{}
	for _, item := range cover.Items {
		of[item.ID] = item.Total
	}
	minutes, holds := int(d.round.EndsAt.Sub(d.round.StartsAt).Minutes()), !cover.CountedUntil.Before(asked)
	nobody := coverFigures{LongestGap: minutes}
	for at, stop := range d.round.Stops {
		figures := of[stop.CheckpointID]
		if at == stopSkipped || at == stopMissed {
			holds = holds && figures == nobody
		} else { // two people, by their check-ins and the car's track
			holds = holds && figures.Visits > 0 && figures.OfficerMinutes > figures.PatrolMinutes && figures.LongestGap < minutes
		}
	}
	d.prove(d.commander, "GET /v1/coverage", got, http.StatusOK, holds,
		words{"到过的点位都计入两人；漏巡与跳过的整夜无人", "each stop that was seen has two people; the missed and the skipped one nobody all night"})
	if at := d.round.Stops[0].CheckpointID; holds {
		d.say(words{"%s：到访 %d 次，有人 %d 分钟，最长空档 %d 分钟", "%s: visits %d, minutes with somebody %d, longest gap %d minutes"},
			d.points[at].Name, of[at].Visits, of[at].PatrolMinutes, of[at].LongestGap)
	}
}

// stopShare looks for the missed stop in what was done of the plan.
func (d *day) stopShare(ctx context.Context) {
	type share struct {
		SquadID   models.ID `json:"squad_id"`
		OnTime    int       `json:"on_time"`
		Late      int       `json:"late"`
		Missed    int       `json:"missed"`
		Skipped   int       `json:"skipped"`
		DoneShare float64   `json:"done_share"`
	}
	got := d.call(ctx, d.commander, http.MethodGet, "/v1/coverage/stops?"+between(d.round.StartsAt, d.round.StartsAt.Add(time.Minute)), nil)
	night := share{}
	for _, item := range into[page[share]](got).Items {
		if item.SquadID == d.night.squad.ID {
			night = item
		}
	}
	stops := len(d.round.Stops)
	want := share{d.night.squad.ID, stops - 3, 1, 1, 1, float64(stops-2) / float64(stops)}
	d.prove(d.commander, "GET /v1/coverage/stops", got, http.StatusOK, night == want, words{
		fmt.Sprintf("计划完成 %.0f%%：漏巡 1 处，跳过 1 处", 100*night.DoneShare),
		fmt.Sprintf("%.0f %% of the plan was done: one stop missed, one skipped", 100*night.DoneShare),
	})
}

// coverGaps prints the longest gaps of the day on which the night ended, and finds the missed stop among them.
func (d *day) coverGaps(ctx context.Context) {
	type gap struct {
		ID       models.ID `json:"id"`
		Sentence struct {
			Zh string `json:"zh"`
			En string `json:"en"`
		} `json:"sentence"`
	}
	date := d.round.EndsAt.In(d.zone).Format(time.DateOnly)
	got := d.call(ctx, d.commander, http.MethodGet, "/v1/coverage/gaps?limit=100&date="+date, nil)
	gaps, missed := into[page[gap]](got).Items, gap{}
	for _, one := range gaps {
		if one.ID == d.round.Stops[stopMissed].CheckpointID && missed.ID == "" {
			missed = one
		}
	}
	d.prove(d.commander, "GET /v1/coverage/gaps", got, http.StatusOK, missed.ID != "", words{
		fmt.Sprintf("空档清单里有漏巡的点位（共 %d 条）", len(gaps)), bracket("the list of gaps has the missed stop", len(gaps)),
	})
	for _, one := range append(gaps[:min(gapsShown, len(gaps))], missed) {
		d.say(words{"%s", "%s"}, map[bool]string{true: one.Sentence.Zh, false: one.Sentence.En}[d.zh])
	}
}

// coverPicture writes the heat map of the night and of the day until now.
func (d *day) coverPicture(ctx context.Context) {
	from := time.Now().Add(-24 * time.Hour)
	if d.round.StartsAt.Before(from) {
		from = d.round.StartsAt
	}
	got := d.call(ctx, d.commander, http.MethodGet, "/v1/coverage?"+between(from, time.Now()), nil, "Accept", "image/svg+xml")
	missed := d.points[d.round.Stops[stopMissed].CheckpointID]
	d.prove(d.commander, "GET /v1/coverage", got, http.StatusOK, bytes.HasPrefix(got.body, []byte("<svg")) && missed.Name != "",
		words{"热力图：哪里有人、多久，一眼可见", "the heat map: where somebody was, and for how long"})
	d.keep(coverFile, got)
}

// report writes the report of the month in which the night ended.
func (d *day) report(ctx context.Context) {
	month := d.round.EndsAt.In(d.zone).Format("2006-01")
	for _, form := range []struct{ kind, accept, begins string }{
		{"pdf", "application/pdf", "%PDF-"},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"},
	} {
		got := d.call(ctx, d.commander, http.MethodGet, "/v1/coverage/report?month="+month, nil, "Accept", form.accept)
		d.prove(d.commander, "GET /v1/coverage/report", got, http.StatusOK, bytes.HasPrefix(got.body, []byte(form.begins)), words{
			fmt.Sprintf("%s 月报，可直接上报（%s）", month, form.kind), fmt.Sprintf("the report of %s, to hand upward (%s)", month, form.kind),
		})
		d.keep(reportFile+"."+form.kind, got)
	}
}

// keep writes an answer into the data folder, and says where.
func (d *day) keep(name string, got answer) {
	if got.status != http.StatusOK {
		return
	}
	path := filepath.Join(d.config.Folder, name)
	if err := os.WriteFile(path, got.body, 0o600); err != nil {
		d.line(false, d.commander.name, name, "-", words{err.Error(), err.Error()})
		return
	}
	d.say(words{"%s", "%s"}, path)
}

// say prints something beside a step.
func (d *day) say(what words, values ...any) {
	form := what.en
	if d.zh {
		form = what.zh
	}
	_, _ = fmt.Fprintf(d.out, "       "+form+"\n", values...)
}
