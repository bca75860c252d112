package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// The most that a phone is given of one kind; of rounds the latest.
const (
	maxSyncPlaces = 5000
	maxSyncPlans  = 1000
	maxSyncRounds = 200
)

// syncScope is for whom, and of which stations, a phone is supplied: where the caller patrols, and nowhere else.
// Somebody who stands in a squad of a station and has no role there any more gets nothing of it.
type syncScope struct {
	now    time.Time
	who    models.Principal
	sights []models.Sight
	zones  map[models.ID]*time.Location // by station
}

func (s syncScope) has(station models.ID) bool { return s.zones[station] != nil }

// own are what belongs to squads that the caller is in.
func (s syncScope) own() []models.Sight { return []models.Sight{{Owner: s.who.ID}} }

// syncNeeded gathers everything that the caller is to have on a phone now. It asks the database a fixed number of
// questions, each answered as of its own moment: what changes in between comes with the next sync.
func (h *Server) syncNeeded(ctx context.Context) (api.Sync, error) {
	asked := api.From(ctx)
	scope := syncScope{
		now: asked.Now, who: asked.Principal, sights: models.Sights(models.OpGetSync, asked.Principal),
		zones: map[models.ID]*time.Location{},
	}
	answer := api.Sync{ServerTime: api.At(asked.Now)}
	for _, sight := range scope.sights {
		zone, err := h.Store.StationZone(ctx, sight.Within.Station)
		if err != nil {
			return answer, err
		}
		scope.zones[sight.Within.Station] = zone
	}
	zone := scope.zones[asked.Principal.StationID]
	if zone == nil { // somebody of one station who patrols at another
		zone = scope.zones[scope.sights[0].Within.Station]
	}
	answer.TimeZone = zone.String()
	if err := h.syncPlan(ctx, scope, &answer); err != nil {
		return answer, err
	}
	return answer, h.syncPlaces(ctx, scope, &answer)
}

// syncPlaces adds the stations' routes, street posts and checkpoints.
func (h *Server) syncPlaces(ctx context.Context, scope syncScope, answer *api.Sync) error {
	page := store.Page{Limit: maxSyncPlaces}
	routes, err := h.Store.Routes(ctx, scope.sights, page)
	if err != nil {
		return err
	}
	posts, err := h.Store.StreetPosts(ctx, scope.sights, store.PlanFilter{}, page)
	if err != nil {
		return err
	}
	checkpoints, err := h.Store.Checkpoints(ctx, scope.sights, store.CheckpointFilter{}, page)
	answer.Routes, answer.StreetPosts = mapped(routes, wireRoute), mapped(posts, wireStreetPost)
	answer.Checkpoints = mapped(checkpoints, wireCheckpoint)
	return err
}

// syncPlan adds the caller's squads, and the shifts, plans, rounds and people that go with them.
func (h *Server) syncPlan(ctx context.Context, scope syncScope, answer *api.Sync) error {
	page := store.Page{Limit: maxSyncPlans}
	all, err := h.Store.Squads(ctx, scope.own(), store.PlanFilter{Ended: true}, page)
	if err != nil {
		return err
	}
	shifts, err := h.Store.Shifts(ctx, scope.own(), store.PlanFilter{}, page)
	if err != nil {
		return err
	}
	plans, err := h.Store.RoundPlans(ctx, scope.own(), store.PlanFilter{}, page)
	if err != nil {
		return err
	}
	squads := slices.DeleteFunc(slices.Clone(all), func(squad models.Squad) bool {
		return !scope.has(squad.StationID) || !squad.EndedAt.IsZero()
	})
	shifts = slices.DeleteFunc(shifts, func(shift models.Shift) bool { return !scope.has(shift.StationID) })
	plans = slices.DeleteFunc(plans, func(plan models.RoundPlan) bool { return !scope.has(plan.StationID) })
	rounds, err := h.syncRounds(ctx, scope, all)
	if err != nil {
		return err
	}
	answer.Squads, answer.RoundPlans = mapped(squads, wireSquad), mapped(plans, wireRoundPlan)
	answer.Shifts = mapped(shifts, scope.wireShift)
	return h.syncPeople(ctx, squads, rounds, answer)
}

// wireShift is a shift with the times at which it stands in the days ahead.
func (s syncScope) wireShift(shift models.Shift) api.Shift {
	wire, zone := wireShift(shift), s.zones[shift.StationID]
	from, to := s.days(zone, 0, models.SyncShiftDays)
	occurrences := mapped(shift.Between(from, to, zone), wireOccurrence)
	wire.Occurrences = &occurrences
	return wire
}

// days is from the beginning of a day before today to the end of one after it. Whole days, so that nothing on a phone
// changes only because some minutes have passed.
func (s syncScope) days(zone *time.Location, before, after int) (from, to time.Time) {
	today := models.DateIn(s.now, zone)
	return today.Add(-before).At(0, zone), today.Add(after+1).At(0, zone)
}

// syncRounds reads the rounds around now that the caller walks with, or that a squad of theirs is to walk.
func (h *Server) syncRounds(ctx context.Context, scope syncScope, squads []models.Squad) ([]roundView, error) {
	views := []roundView{}
	for station, zone := range scope.zones { // nearly always one
		filter := store.RoundFilter{}
		filter.From, filter.To = scope.days(zone, models.SyncRoundsOld, models.SyncRoundsNew)
		rounds, err := h.Store.Rounds(ctx, scope.own(), filter, store.Page{Limit: maxSyncRounds})
		if err != nil {
			return nil, err
		}
		for _, round := range rounds {
			ofSquad := func(squad models.Squad) bool { return squad.ID == round.SquadID }
			if round.StationID == station {
				views = append(views, roundView{
					Round: round.AsOf(scope.now), who: scope.who, ofSquad: slices.ContainsFunc(squads, ofSquad),
				})
			}
		}
	}
	ids := mapped(views, func(view roundView) models.ID { return view.ID })
	members, err := h.Store.MembersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	guests, err := h.Store.GuestsOf(ctx, ids)
	for at := range views {
		views[at].members, views[at].guests = members[views[at].ID], guests[views[at].ID]
	}
	return views, err
}

// syncPeople adds the rounds, and by id the people of the squads: their names and nothing else of them.
func (h *Server) syncPeople(ctx context.Context, squads []models.Squad, rounds []roundView, answer *api.Sync) error {
	inSquads, everybody := []models.ID{}, []models.ID{}
	for _, squad := range squads {
		inSquads = append(inSquads, squad.Members...)
	}
	everybody = append(everybody, inSquads...)
	for _, round := range rounds {
		for _, member := range round.members {
			everybody = append(everybody, member.PersonID)
		}
	}
	names, err := h.Store.Names(ctx, sortedIDs(everybody))
	if err != nil {
		return err
	}
	answer.People = mapped(sortedIDs(inSquads), func(id models.ID) api.SyncPerson {
		return api.SyncPerson{Id: id, Name: names[id].Reveal()}
	})
	answer.Rounds = mapped(rounds, func(view roundView) api.Round { return h.wireNamedRound(view, names) })
	return nil
}

// sortedIDs are the ids in order, each once.
func sortedIDs(ids []models.ID) []models.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(left, right models.ID) int { return strings.Compare(string(left), string(right)) })
	return slices.Compact(ids)
}

// mapped turns each value into another.
func mapped[D, W any](values []D, turn func(D) W) []W {
	turned := make([]W, 0, len(values))
	for _, value := range values {
		turned = append(turned, turn(value))
	}
	return turned
}
