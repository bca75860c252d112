package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// roundSite is the service itself.
type roundSite struct {
	rig    *rig
	squad  models.ID
	phones []phoneCall
	base   time.Time // the planned start
	round  models.ID
	made   bool                   // the leader's phone makes it
	scans  map[walkFact]models.ID // and named guests
}

// phoneCall asks for something about a round as one of the two people; it gives the status and the answer.
type phoneCall func(what string, round models.ID, body map[string]any) (int, string)

// newRoundSite begins a new round of the squad.
func newRoundSite(r *rig, squad, plan models.ID, phones []phoneCall, one walk) *roundSite {
	site := &roundSite{
		rig: r, squad: squad, phones: phones, base: r.clock.Now().Add(-200 * time.Minute), round: r.ids.next(),
		made: !one.planned, scans: map[walkFact]models.ID{},
	}
	for _, fact := range one.facts { // in the order in which they happened, so that ids sort alike in every run
		if _, known := site.scans[fact]; (fact.what == "check-ins" || fact.what == "guests") && !known {
			site.scans[fact] = r.ids.next()
		}
	}
	if !site.made {
		r.write(func(ctx context.Context, tx *store.Store) error { return tx.AddRound(ctx, site.planned(plan)) })
	}
	return site
}

func (s *roundSite) planned(plan models.ID) models.Round {
	round := models.Round{
		ID: s.round, StationID: s.rig.A, PlanID: plan, SquadID: s.squad, Date: models.Date{Year: 2026, Month: 11, Day: 24},
		State: models.RoundScheduled, StartsAt: s.base, EndsAt: s.base.Add(3 * time.Hour), Team: true, CreatedAt: s.base,
	}
	for at, stop := range []struct {
		point, from, until int
		priority           models.Priority
	}{{0, 0, 60, "high"}, {1, 60, 120, "normal"}, {2, 0, 180, "optional"}, {0, 120, 180, "normal"}} {
		round.Stops = append(round.Stops, models.RoundStop{
			Ordinal: at + 1, CheckpointID: s.point(stop.point), FromAt: s.at(stop.from), UntilAt: s.at(stop.until),
			Priority: stop.priority, State: models.StopPending,
		})
	}
	return round
}

func (s *roundSite) at(minute int) time.Time { return s.base.Add(time.Duration(minute) * time.Minute) }

func (s *roundSite) point(number int) models.ID {
	return []models.ID{s.rig.One.Checkpoint, s.rig.Street, s.rig.Two.Checkpoint}[number]
}

// send delivers to the service. What it says about a state that stays so (409) is said for good.
func (s *roundSite) send(phone int, one delivery) bool {
	fact := one[0]
	what, body, when := fact.what, map[string]any{}, at(s.at(fact.minute))
	switch fact.what {
	case "start":
		body["started_at"] = when
		if s.made {
			what, body["id"], body["squad_id"] = "create", s.round, s.squad
			body["checkpoint_ids"] = []models.ID{s.point(0), s.point(1), s.point(2)}
		}
	case "join":
		body["joined_at"], body["join_code"] = when, s.rig.joinCode(s.round)
	case "leave":
		body["left_at"] = when
	case "skips":
		body["at"], body["checkpoint_id"], body["reason"] = when, s.point(fact.point), fmt.Sprint("封路", fact)
	case "finish":
		body["ended_at"], body["state"] = when, "completed"
	case "abandon":
		what, body["ended_at"], body["state"], body["reason"] = "finish", when, "abandoned", fmt.Sprint("暴雨", fact)
	case "guests":
		body["id"], body["name"], body["phone"], body["added_at"] = s.scans[fact], "赵大爷", "13900000007", when
	case "tracks":
		body["items"] = s.positions(one)
	default:
		body["items"] = s.items(one)
	}
	status, text := s.phones[phone](what, s.round, body)
	if status >= 500 {
		s.rig.t.Errorf("%s: %d %s", what, status, text)
	}
	return status < 300 || status == http.StatusConflict
}

func (s *roundSite) positions(track delivery) []any {
	items := []any{}
	for _, fact := range track {
		items = append(items, stood(s.at(fact.minute), nil))
	}
	return items
}

func (s *roundSite) items(scans delivery) []any {
	items := []any{}
	for _, fact := range scans {
		where := []models.Position{s.rig.One.At, {Lat: 30.5250, Lng: 105.6060}, s.rig.Two.At}[fact.point]
		items = append(items, map[string]any{
			"id": s.scans[fact], "round_id": s.round, "checkpoint_id": s.point(fact.point), "method": "gps",
			"captured_at": at(s.at(fact.minute)), "position": spot(where, nil),
		})
	}
	return items
}

// outcome is the round in full, with words for what has another id each time.
func (s *roundSite) outcome() string {
	got := response{t: s.rig.t}
	if _, got.Text = s.phones[0]("get", s.round, nil); json.Unmarshal([]byte(got.Text), &got.JSON) != nil {
		return "no round: " + got.Text
	}
	short := []string{got.text("state"), strings.ReplaceAll(stopsOf(got), " ", ",")}
	if got.at("credited") == true {
		short = append(short, "credited")
	}
	delete(got.JSON, "join")
	guests, _ := got.JSON["guests"].([]any)
	if len(guests) > 0 {
		short = append(short, fmt.Sprint("guests ", len(guests)))
	}
	if left := strings.Count(got.Text, `"left_out":true`); left > 0 {
		short = append(short, fmt.Sprint("left out ", left))
	}
	words := []string{string(s.round), "ROUND"}
	for fact, id := range s.scans {
		words = append(words, string(id), fmt.Sprint("RECORD ", fact))
	}
	return strings.Join(short, " ") + "\n" + strings.NewReplacer(words...).Replace(canonical(got.JSON))
}

// joinCode is what the leader's phone shows, offline too.
func (r *rig) joinCode(round models.ID) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	code := []byte{}
	for _, letter := range r.keys.CodeMAC("round_join", string(round))[:8] {
		code = append(code, alphabet[letter&31])
	}
	return string(code)
}

// overHTTP asks as a phone does.
func (r *rig) overHTTP(who *caller) phoneCall {
	token := r.token(who)
	return func(what string, round models.ID, body map[string]any) (int, string) {
		method, path := http.MethodPost, "/v1/rounds/"+string(round)+"/"+what
		switch what {
		case "check-ins", "tracks":
			path = "/v1/" + what
		case "create":
			path = "/v1/rounds"
		case "get":
			got := r.callAs(token, http.MethodGet, "/v1/rounds/"+string(round), nil)
			return got.Status, got.Text
		}
		got := r.callAs(token, method, path, body)
		return got.Status, got.Text
	}
}

// directly asks the handlers themselves: the same decisions and the same database, without the time that HTTP takes.
func (r *rig) directly(who *caller) phoneCall {
	principal := models.Principal{
		ID: who.ID, StationID: who.Station, SessionID: r.session(who),
		Grants: []models.Grant{{PersonID: who.ID, Role: who.Role, Place: who.Place}},
	}
	return func(what string, round models.ID, body map[string]any) (int, string) {
		ctx := api.With(context.Background(), api.Request{Principal: principal, Now: r.clock.Now()})
		var answer any
		var err error
		switch what {
		case "get":
			answer, err = r.server.GetRound(ctx, api.GetRoundRequestObject{RoundId: round})
		case "create":
			answer, err = r.server.CreateRound(ctx, api.CreateRoundRequestObject{Body: as[api.CreateRoundJSONRequestBody](r, body)})
		case "start":
			answer, err = r.server.StartRound(ctx, api.StartRoundRequestObject{RoundId: round, Body: as[api.StartRoundJSONRequestBody](r, body)})
		case "join":
			answer, err = r.server.JoinRound(ctx, api.JoinRoundRequestObject{RoundId: round, Body: as[api.JoinRoundJSONRequestBody](r, body)})
		case "leave":
			answer, err = r.server.LeaveRound(ctx, api.LeaveRoundRequestObject{RoundId: round, Body: as[api.LeaveRoundJSONRequestBody](r, body)})
		case "skips":
			answer, err = r.server.CreateRoundSkip(ctx, api.CreateRoundSkipRequestObject{
				RoundId: round, Body: as[api.CreateRoundSkipJSONRequestBody](r, body),
			})
		case "finish":
			answer, err = r.server.FinishRound(ctx, api.FinishRoundRequestObject{
				RoundId: round, Body: as[api.FinishRoundJSONRequestBody](r, body),
			})
		case "guests":
			answer, err = r.server.CreateRoundGuest(ctx, api.CreateRoundGuestRequestObject{
				RoundId: round, Body: as[api.CreateRoundGuestJSONRequestBody](r, body),
			})
		case "tracks":
			answer, err = r.server.CreateTracks(ctx, api.CreateTracksRequestObject{Body: as[api.CreateTracksJSONRequestBody](r, body)})
		default:
			answer, err = r.server.CreateCheckIns(ctx, api.CreateCheckInsRequestObject{Body: as[api.CreateCheckInsJSONRequestBody](r, body)})
		}
		switch models.CodeOf(err) {
		case "":
			return http.StatusOK, canonical(answer)
		case models.CodeNotFound, models.CodeForbidden:
			return http.StatusNotFound, err.Error()
		case models.CodeWrongState, models.CodeAlreadyExists:
			return http.StatusConflict, err.Error()
		default:
			return http.StatusInternalServerError, err.Error()
		}
	}
}

// as reads a body as a handler is given it.
func as[T any](r *rig, body map[string]any) *T {
	read := new(T)
	if text, err := json.Marshal(body); err != nil || json.Unmarshal(text, read) != nil {
		r.t.Errorf("%v is no %T", body, read)
	}
	return read
}
