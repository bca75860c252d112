package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

// maxOnDuty bounds the people of one station who are on duty at once.
const maxOnDuty = 10_000

// OnDuty lists who of a station is on duty now: confirmed members of rounds in progress, and members of squads whose
// shift is now. Somebody who is both is told by their round. With an error come all those who could be read: help must
// not wait for one row that is spoilt.
func (s *Store) OnDuty(ctx context.Context, station models.ID, now time.Time) ([]models.OnDuty, error) {
	found := []models.OnDuty{}
	unread := s.read(ctx).Table("rounds").
		Select("round_members.person_id, COALESCE(squads.kind, '') AS mode, rounds.leader_id").
		Joins("JOIN round_members ON round_members.round_id = rounds.id").
		Joins("JOIN people ON people.id = round_members.person_id AND people.disabled_at = 0").
		Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
		Where("rounds.state = ? AND rounds.station_id = ?", models.RoundInProgress, station).
		Where("round_members.confirmed_at > 0 AND round_members.left_out = 0 AND round_members.left_at = 0").
		Order("round_members.person_id, rounds.started_at DESC").Limit(maxOnDuty).Find(&found).Error
	unread = translate(unread)
	squads, err := s.squadsOnShift(ctx, station, now)
	unread = errors.Join(unread, err)
	standing := []models.OnDuty{}
	if len(squads) > 0 {
		err := s.read(ctx).Table("squads").Select("squad_members.person_id, squads.kind AS mode, squads.leader_id").
			Joins("JOIN squad_members ON squad_members.squad_id = squads.id").
			Joins("JOIN people ON people.id = squad_members.person_id AND people.disabled_at = 0").
			Where("squads.id IN ? AND squads.ended_at = 0", squads).
			Order("squad_members.person_id, squads.id").Limit(maxOnDuty).Find(&standing).Error
		unread = errors.Join(unread, translate(err))
	}
	kept, err := s.withRoles(ctx, station, onePerPerson(append(found, standing...)), now)
	return kept, errors.Join(unread, err)
}

func onePerPerson(all []models.OnDuty) []models.OnDuty {
	seen, kept := map[models.ID]bool{}, []models.OnDuty{}
	for _, one := range all {
		if !seen[one.PersonID] {
			seen[one.PersonID] = true
			kept = append(kept, one)
		}
	}
	return kept
}

// withRoles keeps those who hold a role in the station now, and tells which.
func (s *Store) withRoles(ctx context.Context, station models.ID, people []models.OnDuty, now time.Time) ([]models.OnDuty, error) {
	holders, err := s.RoleHolders(ctx, station, models.PersonRoles, now)
	kept := []models.OnDuty{}
	for _, one := range people {
		if one.Role = holders[one.PersonID]; one.Role != "" {
			kept = append(kept, one)
		}
	}
	return kept, err
}

// RoleHolders finds who holds one of the roles somewhere in a station now: person → the first of the roles held.
func (s *Store) RoleHolders(ctx context.Context, station models.ID, roles []models.Role, now time.Time) (map[models.ID]models.Role, error) {
	rows := []grantRow{}
	err := s.read(ctx).Select("person_id", "role").Where("station_id = ? AND role IN ?", station, roles).
		Scopes(heldAt(now)).Find(&rows).Error
	rank := map[models.Role]int{}
	for at, role := range models.PersonRoles {
		rank[role] = at
	}
	holders := map[models.ID]models.Role{}
	for _, row := range rows {
		if before, known := holders[row.PersonID]; !known || rank[row.Role] < rank[before] {
			holders[row.PersonID] = row.Role
		}
	}
	return holders, translate(err)
}

// SquadLeaders lists who leads the squads that a person belongs to.
func (s *Store) SquadLeaders(ctx context.Context, person models.ID) ([]models.ID, error) {
	leaders := []models.ID{}
	err := s.read(ctx).Table("squads").Joins("JOIN squad_members ON squad_members.squad_id = squads.id").
		Where("squad_members.person_id = ? AND squads.ended_at = 0", person).Limit(100).Pluck("DISTINCT squads.leader_id", &leaders).Error
	return leaders, translate(err)
}

// dutyShift is a shift with the time zone that its hours are of.
type dutyShift struct {
	SquadID       models.ID
	TimeZone      string
	StartMinute   int
	LengthMinutes int
	Recurrence    models.Recurrence
	Weekdays      int    // bit 0 is Sunday
	Dates         string // with commas between
	FromDate      string
	UntilDate     string
}

// squadsOnShift finds the squads of a station that have a shift now; with an error, those that could be read.
func (s *Store) squadsOnShift(ctx context.Context, station models.ID, now time.Time) ([]models.ID, error) {
	rows, squads := []dutyShift{}, []models.ID{}
	err := s.read(ctx).Table("shifts").Select("shifts.*, stations.time_zone").
		Joins("JOIN stations ON stations.id = shifts.station_id").
		Where("shifts.station_id = ? AND shifts.ended_at = 0", station).Limit(maxOnDuty).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	var unread error
	for _, row := range rows {
		zone, err := time.LoadLocation(row.TimeZone)
		if err != nil {
			return squads, fmt.Errorf("store: station %s: %w", station, err)
		}
		shift, err := row.shift()
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("store: a shift of squad %s: %w", row.SquadID, err))
			continue
		}
		if len(shift.Between(now, now.Add(time.Millisecond), zone)) > 0 {
			squads = append(squads, row.SquadID)
		}
	}
	return squads, unread
}

func (row dutyShift) shift() (models.Shift, error) {
	shift := models.Shift{StartMinute: row.StartMinute, LengthMinutes: row.LengthMinutes, Recurrence: row.Recurrence}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if row.Weekdays&(1<<day) != 0 {
			shift.Weekdays = append(shift.Weekdays, day)
		}
	}
	var err error
	for _, text := range strings.Split(row.Dates, ",") {
		if text == "" {
			continue
		}
		date, err := models.ParseDate(text)
		if err != nil {
			return shift, err
		}
		shift.Dates = append(shift.Dates, date)
	}
	if shift.FromDate, err = models.ParseDate(row.FromDate); err == nil && row.UntilDate != "" {
		shift.UntilDate, err = models.ParseDate(row.UntilDate)
	}
	return shift, err
}

// maxWhereabouts bounds what one look at one station's positions reads; the newest come first.
const maxWhereabouts = 20_000

// Whereabouts gives positions of a station's people since an instant, by their corrected times: those of accepted
// check-ins and those of tracks, the newest of each kind first.
func (s *Store) Whereabouts(ctx context.Context, station models.ID, since time.Time) ([]models.Whereabouts, error) {
	type row struct {
		PersonID models.ID
		Lat, Lng float64
		At       int64
	}
	checkIns, tracks := []row{}, []row{}
	err := s.read(ctx).Model(&checkInRow{}).Select("person_id, lat, lng, occurred_at AS at").
		Where("station_id = ? AND order_id >= ?", station, models.FirstIDAt(since)).
		Where("status = ? AND lat IS NOT NULL", models.StatusAccepted).Order("order_id DESC").Limit(maxWhereabouts).Scan(&checkIns).Error
	if err != nil {
		return nil, translate(err)
	}
	err = s.read(ctx).Model(&trackPointRow{}).Select("person_id, lat, lng, at").
		Where("station_id = ? AND at >= ?", station, millis(since)).Order("at DESC").Limit(maxWhereabouts).Scan(&tracks).Error
	if err != nil {
		return nil, translate(err)
	}
	found := make([]models.Whereabouts, 0, len(checkIns)+len(tracks))
	for _, seen := range append(checkIns, tracks...) {
		found = append(found, models.Whereabouts{
			ID: seen.PersonID, At: instant(seen.At), Position: models.Position{Lat: seen.Lat, Lng: seen.Lng},
		})
	}
	return found, nil
}
