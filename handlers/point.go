package handlers

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetPointRules answers GET /v1/point-rules.
func (h *Server) GetPointRules(ctx context.Context, _ api.GetPointRulesRequestObject) (api.GetPointRulesResponseObject, error) {
	rules, err := h.Store.PointRules(ctx, api.From(ctx).Principal.StationID)
	return api.GetPointRules200JSONResponse(wirePointRules(rules)), err
}

// PutPointRules answers PUT /v1/point-rules. What was credited before stays.
func (h *Server) PutPointRules(ctx context.Context, request api.PutPointRulesRequestObject) (api.PutPointRulesResponseObject, error) {
	who := api.From(ctx).Principal
	rules := models.PointRules{}
	for _, rule := range request.Body.Rules {
		rules.Rules = append(rules.Rules, models.PointRule{
			Event: models.PointEvent(rule.Event), Points: rule.Points, DailyCap: rule.DailyCap, MonthlyCap: rule.MonthlyCap,
		})
	}
	for _, level := range request.Body.Levels {
		rules.Levels = append(rules.Levels, models.PointLevel{MinPoints: level.MinPoints, NameZH: level.NameZh, NameEN: level.NameEn})
	}
	if err := rules.Check(); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpPutPointRules, kind: "point_rules", id: who.StationID, facts: pointFacts(rules)}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.PointRules, error) {
		if err := models.May(what.operation, who, models.Object{Place: models.Place{Station: who.StationID}}); err != nil {
			return api.PointRules{}, err
		}
		if err := tx.PutPointRules(ctx, who.StationID, rules); err != nil {
			return api.PointRules{}, err
		}
		kept, err := tx.PointRules(ctx, who.StationID)
		return wirePointRules(kept), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutPointRules200JSONResponse(answer), nil
}

// pointFacts says for the audit what every deed is worth from now on.
func pointFacts(rules models.PointRules) map[string]string {
	facts := map[string]string{"levels": strconv.Itoa(len(rules.Levels))}
	for _, rule := range rules.Rules {
		facts[string(rule.Event)] = strconv.Itoa(rule.Points) + "/" + strconv.Itoa(rule.DailyCap) + "/" + strconv.Itoa(rule.MonthlyCap)
	}
	return facts
}

// GetMyPoints answers GET /v1/me/points.
func (h *Server) GetMyPoints(ctx context.Context, request api.GetMyPointsRequestObject) (api.GetMyPointsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	who := api.From(ctx).Principal
	account, err := h.pointAccount(ctx, who.StationID, who.ID, page)
	return api.GetMyPoints200JSONResponse(account), err
}

// GetPersonPoints answers GET /v1/people/{person_id}/points. Looking is recorded. What the points are for stays with
// the person: who sent a tip is for its own officers.
func (h *Server) GetPersonPoints(
	ctx context.Context, request api.GetPersonPointsRequestObject,
) (api.GetPersonPointsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpGetPersonPoints, kind: "person", id: request.PersonId}
	station, err := reachPerson(ctx, h.Store, what.operation, request.PersonId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	account, err := h.pointAccount(ctx, station, request.PersonId, page)
	for at := range account.Items {
		account.Items[at].AboutId = nil
	}
	return api.GetPersonPoints200JSONResponse(account), err
}

// reachPerson says whether somebody lies within the caller's reach, and of which station they are there.
func reachPerson(ctx context.Context, db *store.Store, operation models.Operation, person models.ID) (models.ID, error) {
	grants, err := db.Grants(ctx, person)
	if err != nil {
		return "", err
	}
	asked := api.From(ctx)
	grant, err := models.MayReach(operation, asked.Principal, grants, asked.Now)
	return grant.Place.Station, err
}

// pointAccount is somebody's account, with the levels of a station.
func (h *Server) pointAccount(ctx context.Context, station, person models.ID, page store.Page) (api.PointAccount, error) {
	rules, err := h.Store.PointRules(ctx, station)
	if err != nil {
		return api.PointAccount{}, err
	}
	sum, earlier, err := h.Store.Points(ctx, person)
	if err != nil {
		return api.PointAccount{}, err
	}
	entries, err := h.Store.PointEntries(ctx, person, page)
	reached, next := models.LevelAt(rules.Levels, sum)
	account := api.PointAccount{
		PersonId: person, Points: sum, EarlierPoints: earlier, Level: wirePointLevel(reached), NextLevel: wirePointLevel(next),
	}
	account.Items, account.NextCursor = listed(ctx, entries, page, wirePointEntry, func(entry models.PointEntry) models.ID { return entry.ID })
	return account, err
}

// creditDeeds brings the ledger in line with what stands about one thing now: who has earned is credited, who has not
// any more loses it again. It belongs into the transaction of the change, after the row that changed was locked or
// written: of two at the same time the second sees what the first wrote.
func creditDeeds(
	ctx context.Context, tx *store.Store, station, about models.ID, earned map[models.PointEvent][]models.ID, now time.Time,
) error {
	for _, event := range models.PointEvents {
		people, concerned := earned[event]
		if !concerned {
			continue
		}
		last, err := tx.LastPointEntries(ctx, event, about)
		if err != nil {
			return err
		}
		for _, person := range slices.Sorted(maps.Keys(everyoneOf(people, last))) {
			entry, known := last[person]
			if !known {
				entry = models.PointEntry{StationID: station, PersonID: person, Event: event, AboutID: about}
			}
			if stands := slices.Contains(people, person); stands == entry.Credits() {
				continue
			}
			if err := creditDeed(ctx, tx, entry, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func everyoneOf(people []models.ID, last map[models.ID]models.PointEntry) map[models.ID]bool {
	all := map[models.ID]bool{}
	for _, person := range people {
		all[person] = true
	}
	for person := range last {
		all[person] = true
	}
	return all
}

// creditDeed writes the line after last. The person's row is kept first, so that two deeds at the same time cannot
// both find room under one cap.
func creditDeed(ctx context.Context, tx *store.Store, last models.PointEntry, now time.Time) error {
	if last.Credits() {
		return tx.AddPointEntry(ctx, last.Next(0, now))
	}
	if err := tx.LockPerson(ctx, last.PersonID); models.CodeOf(err) == models.CodeNotFound {
		return nil // an id that is no person's: there is nobody to credit, and that must not hold up the deed
	} else if err != nil {
		return err
	}
	grants, err := tx.Grants(ctx, last.PersonID)
	if err != nil || !models.MayEarn(grants, now) {
		return err
	}
	rules, err := tx.PointRules(ctx, last.StationID)
	if err != nil {
		return err
	}
	zone, err := tx.StationZone(ctx, last.StationID)
	if err != nil {
		return err
	}
	day := models.DateIn(now, zone)
	today, err := tx.PointsEarned(ctx, last.PersonID, last.Event, day.At(0, zone), day.Add(1).At(0, zone))
	if err != nil {
		return err
	}
	month := models.Date{Year: day.Year, Month: day.Month, Day: 1}
	thisMonth, err := tx.PointsEarned(ctx, last.PersonID, last.Event, month.At(0, zone), day.Add(1).At(0, zone))
	if err != nil {
		return err
	}
	return tx.AddPointEntry(ctx, last.Next(rules.Rule(last.Event).Worth(today, thisMonth), now))
}

func wirePointRules(rules models.PointRules) api.PointRules {
	wire := api.PointRules{Rules: []api.PointRule{}, Levels: []api.PointLevel{}}
	for _, rule := range rules.Rules {
		wire.Rules = append(wire.Rules, api.PointRule{
			Event: api.PointEvent(rule.Event), Points: rule.Points, DailyCap: rule.DailyCap, MonthlyCap: rule.MonthlyCap,
		})
	}
	for _, level := range rules.Levels {
		wire.Levels = append(wire.Levels, *wirePointLevel(&level))
	}
	return wire
}

func wirePointLevel(level *models.PointLevel) *api.PointLevel {
	if level == nil {
		return nil
	}
	return &api.PointLevel{MinPoints: level.MinPoints, NameZh: level.NameZH, NameEn: level.NameEN}
}

func wirePointEntry(entry models.PointEntry) api.PointEntry {
	return api.PointEntry{
		Id: entry.ID, Event: api.PointEvent(entry.Event), AboutId: &entry.AboutID, Points: entry.Points,
		TakenBack: !entry.Credits(), Capped: entry.Credits() && entry.Points == 0, At: api.At(entry.At),
	}
}
