package store

import (
	"context"
	"math"
	"time"

	"xunfang/models"
)

// WatchFacts reads what watching a station needs: of rounds only those that nobody has started or that have a stop which
// may be missed. A station without a standing shift has neither posts nor places that are watched.
func (s *Store) WatchFacts(ctx context.Context, station models.ID, now time.Time) (models.WatchFacts, error) {
	facts := models.WatchFacts{StationID: station, Checkpoints: map[models.ID]string{}}
	var err error
	if facts.Zone, err = s.StationZone(ctx, station); err != nil {
		return facts, err
	}
	if facts.Rounds, err = s.watchedRounds(ctx, station, now); err != nil {
		return facts, err
	}
	began := int64(0)
	err = s.read(ctx).Model(&shiftRow{}).Where("station_id = ? AND ended_at = 0", station).
		Select("COALESCE(MIN(created_at), 0)").Scan(&began).Error
	if err != nil || began == 0 && len(facts.Rounds) == 0 {
		return facts, translate(err)
	}
	checkpoints, err := s.StationCheckpoints(ctx, station)
	if err != nil {
		return facts, err
	}
	for _, checkpoint := range checkpoints {
		facts.Checkpoints[checkpoint.ID] = checkpoint.Name
	}
	if began == 0 {
		return facts, nil
	}
	if facts.Posts, err = s.watchedPosts(ctx, station, facts.Zone, now); err != nil {
		return facts, err
	}
	facts.Places, err = s.watchedPlaces(ctx, station, checkpoints, instant(began), now)
	return facts, err
}

// watchedRoundRow is a round with what its plan is called and who leads its squad.
type watchedRoundRow struct {
	Round       roundRow `gorm:"embedded"`
	PlanName    string
	SquadLeader models.ID
}

const watchBatch = 200 // rounds of one look

func (s *Store) watchedRounds(ctx context.Context, station models.ID, now time.Time) ([]models.WatchedRound, error) {
	found, after := []models.WatchedRound{}, models.FirstIDAt(now.Add(-models.ConcernOpen-models.MaxShift-time.Hour))
	for {
		rows := []watchedRoundRow{}
		err := s.read(ctx).Table("rounds").
			Select("rounds.*, round_plans.name AS plan_name, COALESCE(squads.leader_id, '') AS squad_leader").
			Joins("JOIN round_plans ON round_plans.id = rounds.plan_id").
			Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
			Where("rounds.station_id = ? AND rounds.order_id > ? AND rounds.order_id < ?", station, after, models.FirstIDAt(now)).
			Where("(rounds.started_at = 0 AND rounds.ended_by = '' OR rounds.started_at > 0 AND EXISTS (SELECT 1 FROM round_stops "+
				"WHERE round_stops.round_id = rounds.id AND round_stops.state IN ? AND round_stops.priority <> ? "+
				"AND round_stops.until_at <= ? AND round_stops.until_at > ?))",
				[]models.StopState{models.StopPending, models.StopMissed}, models.PriorityOptional,
				millis(now), millis(now.Add(-models.ConcernOpen))).
			Order("rounds.order_id").Limit(watchBatch).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		plain := make([]roundRow, 0, len(rows))
		for _, row := range rows {
			plain = append(plain, row.Round)
		}
		rounds, err := s.rounds(ctx, plain)
		if err != nil {
			return nil, err
		}
		for at, row := range rows {
			found = append(found, models.WatchedRound{Round: rounds[at], Name: row.PlanName, SquadLeader: row.SquadLeader})
		}
		if len(rows) < watchBatch {
			return found, nil
		}
		after = rows[len(rows)-1].Round.OrderID
	}
}

// watchedPosts are a station's street posts at which a squad's shift is to stand now.
func (s *Store) watchedPosts(ctx context.Context, station models.ID, zone *time.Location, now time.Time) ([]models.WatchedPost, error) {
	rows := []shiftRow{}
	err := s.read(ctx).Where("station_id = ? AND post_id <> ''", station).
		Where("ended_at = 0 OR ended_at > ?", millis(now.Add(-models.MaxShift-time.Hour))). // one that had begun is stood to its end
		Limit(maxPostShifts).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	found := []models.WatchedPost{}
	for _, row := range rows {
		shift, err := row.shift()
		if err != nil {
			return nil, err
		}
		for _, stands := range shift.Between(now, now.Add(time.Millisecond), zone) {
			post, exists, err := s.watchedPost(ctx, shift, stands, now)
			if err != nil {
				return nil, err
			}
			if exists {
				found = append(found, post)
			}
		}
	}
	return found, nil
}

func (s *Store) watchedPost(
	ctx context.Context, shift models.Shift, stands models.Occurrence, now time.Time,
) (models.WatchedPost, bool, error) {
	squad, err := s.Squad(ctx, shift.SquadID)
	if err != nil {
		return models.WatchedPost{}, false, err
	}
	post, err := s.StreetPost(ctx, shift.PostID)
	if err != nil || !post.EndedAt.IsZero() {
		return models.WatchedPost{}, false, err
	}
	watched := models.WatchedPost{StreetPost: post, Shift: shift, On: stands, LeaderID: squad.LeaderID}
	people := append([]models.ID{squad.LeaderID}, squad.Members...)
	for _, from := range []time.Time{now.Add(-post.MaxGap - time.Minute), stands.Start} { // mostly the short look is enough
		if from.Before(stands.Start) {
			from = stands.Start
		}
		watched.LastSeen, err = s.lastSeenNear(ctx, people, post, from, now)
		if err != nil || !watched.LastSeen.IsZero() {
			break
		}
	}
	return watched, true, err
}

// lastSeenNear is when one of the people was last seen at a street post, by a position or a check-in that is not
// rejected; zero when nobody was. A circle of some hundred metres is one in degrees that are stretched, too.
func (s *Store) lastSeenNear(ctx context.Context, people []models.ID, post models.StreetPost, from, now time.Time) (time.Time, error) {
	degrees := float64(post.RadiusM) / models.MetresPerDegree
	stretch := math.Max(math.Cos(post.At.Lat*math.Pi/180), 0.01)
	within := func(lat, lng string) (string, []any) {
		return "(" + lat + " - ?) * (" + lat + " - ?) + (" + lng + " - ?) * (" + lng + " - ?) * ? <= ?",
			[]any{post.At.Lat, post.At.Lat, post.At.Lng, post.At.Lng, stretch * stretch, degrees * degrees}
	}
	hint := " INDEXED BY ix_track_points_person_id_at"
	if s.engine.kind == kindMySQL {
		hint = " FORCE INDEX (ix_track_points_person_id_at)"
	}
	circle, values := within("lat", "lng")
	track, scan := int64(0), int64(0)
	err := s.read(ctx).Table("track_points"+hint).Select("COALESCE(MAX(at), 0)").
		Where("person_id IN ? AND at >= ? AND at <= ? AND station_id = ?", people, millis(from), millis(now), post.Place.Station).
		Where(circle, values...).Scan(&track).Error
	if err != nil {
		return time.Time{}, translate(err)
	}
	circle, values = within("COALESCE(check_ins.lat, checkpoints.lat)", "COALESCE(check_ins.lng, checkpoints.lng)")
	err = s.read(ctx).Table(CheckInFilter{PersonID: people[0]}.table(s.engine.kind)).Select("COALESCE(MAX(check_ins.occurred_at), 0)").
		Joins("LEFT JOIN checkpoints ON checkpoints.id = check_ins.checkpoint_id").
		Where("check_ins.person_id IN ? AND check_ins.order_id >= ? AND check_ins.order_id < ?",
			people, models.FirstIDAt(from), models.FirstIDAt(now.Add(time.Millisecond))).
		Where(effectiveStatus+" <> ? AND check_ins.station_id = ?", models.StatusRejected, post.Place.Station).
		Where(circle, values...).Scan(&scan).Error
	return instant(max(track, scan)), translate(err)
}

// watchedPlaces are a station's key places with their last presence, as the cover has it: what waits to be counted is
// not known yet, and the place is judged by the time before.
func (s *Store) watchedPlaces(
	ctx context.Context, station models.ID, checkpoints []models.Checkpoint, began, now time.Time,
) ([]models.WatchedPlace, error) {
	places := []models.WatchedPlace{}
	counted, err := s.CountedUntil(ctx, station, now) // before the cover is read: it only ever knows more
	if err != nil {
		return nil, err
	}
	for _, checkpoint := range checkpoints {
		if checkpoint.KeyPlace {
			place := models.WatchedPlace{ID: checkpoint.ID, Name: checkpoint.Name, From: began, AsOf: counted}
			if checkpoint.CreatedAt.After(began) {
				place.From = checkpoint.CreatedAt
			}
			places = append(places, place)
		}
	}
	if len(places) == 0 {
		return places, nil
	}
	back := models.StretchOf(counted.Add(-models.KeyPlaceLookBack), now)
	covers, err := s.Covers(ctx, station, models.CoverCheckpoint, models.ModeAll, back)
	for at := range places {
		if seen, there := covers[string(places[at].ID)].LastPresent(back); there {
			places[at].LastSeen = seen
		}
	}
	return places, err
}
