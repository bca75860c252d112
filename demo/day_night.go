package demo

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"xunfang/models"
)

const (
	rounds    = "POST /v1/rounds/{id}/"
	trackStep = 15 * time.Second // from one position to the next
	carMps    = 6.0              // metres a second, of a car that looks around
	batchMost = 1000             // positions of one request
)

// What becomes of the stops of the night, by their place in the plan; the others are seen in time.
const (
	stopSkipped = 2
	stopMissed  = 3
	stopLate    = 5
)

type roundState struct {
	ID       models.ID      `json:"id"`
	State    string         `json:"state"`
	StartsAt time.Time      `json:"starts_at"`
	EndsAt   time.Time      `json:"ends_at"`
	Credited bool           `json:"credited"`
	Counts   map[string]int `json:"counts"`
	Stops    []struct {
		CheckpointID models.ID `json:"checkpoint_id"`
		FromAt       time.Time `json:"from_at"`
		UntilAt      time.Time `json:"until_at"`
		State        string    `json:"state"`
	} `json:"stops"`
	Members []struct {
		PersonID  models.ID `json:"person_id"`
		Kind      string    `json:"kind"`
		Confirmed bool      `json:"confirmed"`
	} `json:"members"`
	Join struct {
		QR string `json:"qr"`
	} `json:"join"` // for the leader alone
}

// has says whether somebody walks with the round in such a way.
func (r roundState) has(who *actor, kind string, confirmed bool) bool {
	for _, member := range r.Members {
		if member.PersonID == who.id && member.Kind == kind && member.Confirmed == confirmed {
			return true
		}
	}
	return false
}

// driveNight brings what the phones of the night squad recorded without a signal: a round of the last night that is over,
// at its own times.
func (d *day) driveNight(ctx context.Context) {
	leader, mate, guest := d.night.leader, d.night.mate, d.volunteers[1]
	phone := d.syncFull(ctx)
	got := d.startNight(ctx)
	d.round = into[roundState](got)
	if got.status != http.StatusCreated && got.status != http.StatusOK || len(d.round.Stops) <= stopLate {
		d.prove(leader, "POST /v1/rounds", got, http.StatusCreated, false, words{"昨夜的车巡没有建立", "there is no round of last night"})
		return
	}
	path := "/v1/rounds/" + string(d.round.ID)
	if d.round.State == string(models.RoundCompleted) {
		d.readNight(ctx, words{"上次演示时已走完的车巡", "the round that an earlier run of the demo walked"})
		return
	}
	code := d.round.Join.QR[strings.LastIndexByte(d.round.Join.QR, '.')+1:]
	d.prove(leader, "POST /v1/rounds", got, got.status,
		d.round.has(leader, "leader", true) && strings.HasPrefix(d.round.Join.QR, "XF1.J."),
		words{"夜间车巡队长开始巡逻，手机出示加入二维码", "the leader of the night squad starts its round and shows the QR code to join"})

	join := map[string]any{"join_code": code, "joined_at": wireTime(d.round.StartsAt.Add(4 * time.Minute))}
	got = d.post(ctx, mate, path+"/join", join)
	d.prove(mate, rounds+"join", got, http.StatusOK, into[roundState](got).has(mate, "member", true),
		words{"队员扫码加入", "another of the squad joins by it"})
	got = d.post(ctx, guest, path+"/join", join)
	d.prove(guest, rounds+"join", got, http.StatusOK, into[roundState](got).has(guest, "guest", false),
		words{"志愿者扫码加入：要等队长确认", "so does a volunteer, whom the leader must confirm"})
	got = d.post(ctx, leader, path+"/members/"+string(guest.id)+"/confirm", nil)
	d.prove(leader, rounds+"members/{id}/confirm", got, http.StatusOK, into[roundState](got).has(guest, "guest", true),
		words{"队长确认志愿者", "the leader confirms the volunteer"})

	scans := d.nightScans()
	for _, one := range []struct {
		who   *actor
		after time.Duration
		what  words
	}{
		{mate, 40 * time.Second, words{"队员的打卡先到，无信号时记录", "the other's check-ins arrive first, recorded without a signal"}},
		{leader, 0, words{"队长的打卡后到，时间更早", "the leader's come later and were earlier"}},
	} {
		got = d.call(ctx, one.who, http.MethodPost, "/v1/check-ins", d.nightBatch(scans, one.after))
		d.prove(one.who, checkIns, got, http.StatusOK, all(got, len(scans), "accepted", false), one.what)
	}
	got = d.post(ctx, leader, path+"/skips", map[string]any{
		"checkpoint_id": d.round.Stops[stopSkipped].CheckpointID, "reason": "路面施工，车辆无法通过。",
		"at": wireTime(d.round.Stops[stopSkipped].FromAt.Add(40 * time.Minute)),
	})
	d.prove(leader, rounds+"skips", got, http.StatusOK, into[roundState](got).Stops != nil,
		words{"一个点位施工，说明原因后跳过", "one stop is skipped, with the reason"})
	d.sendTrack(ctx, leader, drive(scans))
	d.find(ctx, scans[len(scans)-1])

	ended := scans[len(scans)-1].at.Add(20 * time.Minute)
	got = d.post(ctx, leader, path+"/finish", map[string]any{"state": "completed", "ended_at": wireTime(ended)})
	d.prove(leader, rounds+"finish", got, http.StatusOK, into[roundState](got).State == "completed",
		words{"队长结束巡逻", "the leader finishes the round"})
	d.readNight(ctx, words{"按时、迟到、跳过、漏巡各归其位，两人打卡，算数", "on time, late, skipped and missed, each at its stop; two scanned, so it counts"})
	d.syncChange(ctx, phone)
}

// startNight starts the last round of the night squad's plan that is over by now.
func (d *day) startNight(ctx context.Context) answer {
	last := d.night.last(time.Now(), d.zone)
	return d.call(ctx, d.night.leader, http.MethodPost, "/v1/rounds", map[string]any{
		"id": d.newID(), "plan_id": d.night.plan.ID, "date": last.Date.String(), "started_at": wireTime(last.Start.Add(2 * time.Minute)),
	})
}

// last is the last time that the squad's shift was over by now.
func (p patrol) last(now time.Time, zone *time.Location) models.Occurrence {
	last := models.Occurrence{}
	for _, one := range p.shift.Between(now.Add(-48*time.Hour), now, zone) {
		if one.End.Before(now) {
			last = one
		}
	}
	return last
}

// Opened is when a station that is new now began to use the service: shortly before the night that is played. About
// the time before nothing is planned, and nothing is missing.
func Opened(station models.Description, now time.Time) (time.Time, error) {
	parts, err := newCast(station)
	if err != nil {
		return now, err
	}
	return parts.night.last(now, parts.zone).Start.Add(-time.Hour), nil
}

// readNight reads the round back, and compares every stop with what was done there.
func (d *day) readNight(ctx context.Context, what words) {
	got := d.call(ctx, d.night.mate, http.MethodGet, "/v1/rounds/"+string(d.round.ID), nil)
	read, holds := into[roundState](got), true
	for at, stop := range read.Stops {
		want := map[int]string{stopSkipped: "skipped", stopMissed: "missed", stopLate: "late"}[at]
		if want == "" {
			want = "on_time"
		}
		holds = holds && stop.State == want
	}
	d.prove(d.night.mate, "GET /v1/rounds/{id}", got, http.StatusOK,
		holds && read.Credited && read.State == "completed" && len(read.Stops) == len(d.night.plan.Stops), what)
	if len(read.Stops) > stopMissed {
		d.round = read
	}
}

// scan is a stop as the night squad sees it.
type scan struct {
	checkpoint models.ID
	place      models.Position
	at         time.Time
}

// nightScans is where the car stops, in order of time: most stops early in their window, later ones a little later in it.
func (d *day) nightScans() []scan {
	scans := []scan{}
	for at, stop := range d.round.Stops {
		when := stop.FromAt.Add(time.Duration(20+6*(at+1)) * time.Minute)
		switch at {
		case stopSkipped, stopMissed:
			continue
		case stopLate:
			when = stop.UntilAt.Add(20 * time.Minute)
		}
		scans = append(scans, scan{stop.CheckpointID, d.points[stop.CheckpointID].At, when})
	}
	slices.SortFunc(scans, func(left, right scan) int { return left.at.Compare(right.at) })
	return scans
}

func (d *day) nightBatch(scans []scan, after time.Duration) map[string]any {
	items := []map[string]any{}
	for _, one := range scans {
		items = append(items, map[string]any{
			"id": d.newID(), "checkpoint_id": one.checkpoint, "round_id": d.round.ID, "method": models.MethodGPS,
			"position": position(one.place), "captured_at": wireTime(one.at.Add(after)),
		})
	}
	return map[string]any{"items": items}
}

// drive is where the car was from the first stop to the last: from one to the next it goes up and down the street until
// it is time to be there.
func drive(scans []scan) []map[string]any {
	track := []map[string]any{}
	for at := range len(scans) - 1 {
		from, to := scans[at], scans[at+1]
		length := to.at.Sub(from.at)
		ways := math.Max(math.Round(carMps*length.Seconds()/math.Max(from.place.DistanceM(to.place), 1)), 1)
		if math.Mod(ways, 2) == 0 { // it ends there, not here
			ways--
		}
		for gone := time.Duration(0); gone < length; gone += trackStep {
			way, part := math.Modf(ways * gone.Seconds() / length.Seconds())
			if math.Mod(way, 2) == 1 {
				part = 1 - part
			}
			track = append(track, map[string]any{"at": wireTime(from.at.Add(gone)), "position": position(models.Position{
				Lat: from.place.Lat + part*(to.place.Lat-from.place.Lat), Lng: from.place.Lng + part*(to.place.Lng-from.place.Lng),
			})})
		}
	}
	return track
}
