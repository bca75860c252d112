package store

import (
	"context"

	"xunfang/models"
)

// makeWay gives those of the positions that are behind none of their key, kept already or among them, and deletes what of
// their keys stands at another place: among those that wait, or in another round.
func (s *Store) makeWay(ctx context.Context, points []models.TrackPoint, rivals []trackRival) ([]models.TrackPoint, error) {
	type place struct {
		person models.ID
		key    models.TrackKey
	}
	kept, best := map[place]trackRival{}, map[place]models.ID{}
	for _, point := range points {
		at, rank := place{point.PersonID, point.Key()}, point.Rank()
		if before, taken := best[at]; !taken || rank < before {
			best[at] = rank
		}
	}
	for _, rival := range rivals {
		kept[place{rival.PersonID, models.TrackKey{BootID: rival.BootID, Slot: rival.Slot}}] = rival
	}
	fresh := make([]models.TrackPoint, 0, len(points))
	for _, point := range points {
		key, rank := point.Key(), point.Rank()
		at := place{point.PersonID, key}
		rival, taken := kept[at]
		if best[at] != rank || taken && rival.RankID < rank {
			continue
		}
		best[at] = "" // of two that are the same, one
		fresh = append(fresh, point)
		if !taken || rival.RoundID == point.RoundID || rival.RoundID != "" && point.RoundID != "" && rank < rival.RankID {
			continue // nothing stands there, or what does is replaced as it is written
		}
		table := "track_points"
		if rival.RoundID == "" {
			table = "track_waiting"
		}
		done := s.write(ctx).
			Exec("DELETE FROM "+table+" WHERE person_id = ? AND boot_id = ? AND slot = ?", point.PersonID, key.BootID, key.Slot)
		if done.Error != nil {
			return nil, translate(done.Error)
		}
	}
	return fresh, nil
}

// trackRival is what is kept under a key already; its round is "" while it waits.
type trackRival struct {
	PersonID, StationID, RoundID, RankID models.ID

	BootID   string
	Slot, At int64
}

// trackRivals gives what is kept already, in the track or among what waits, under the keys of some positions.
func (s *Store) trackRivals(ctx context.Context, points []models.TrackPoint) ([]trackRival, error) {
	type recording struct {
		person models.ID
		boot   string
	}
	slots, rivals := map[recording][]int64{}, []trackRival{}
	for _, point := range points {
		key := point.Key()
		of := recording{point.PersonID, key.BootID}
		slots[of] = append(slots[of], key.Slot)
	}
	for of, wanted := range slots { // nearly always one; together they would make a database try every pair
		for table, columns := range map[string]string{
			"track_points":  "person_id, boot_id, slot, rank_id, at, station_id, round_id",
			"track_waiting": "person_id, boot_id, slot, rank_id, at",
		} {
			rows := []trackRival{}
			err := s.read(ctx).Table(table).Select(columns).
				Where("person_id = ? AND boot_id = ? AND slot IN ?", of.person, of.boot, wanted).Find(&rows).Error
			if err != nil {
				return nil, translate(err)
			}
			rivals = append(rivals, rows...)
		}
	}
	return rivals, nil
}

// TrackRanks gives the ranks of what is kept of a person under the keys of some positions, waiting or not.
func (s *Store) TrackRanks(ctx context.Context, points []models.TrackPoint) (map[models.TrackKey]models.ID, error) {
	rivals, err := s.trackRivals(ctx, points)
	ranks := make(map[models.TrackKey]models.ID, len(rivals))
	for _, rival := range rivals {
		ranks[models.TrackKey{BootID: rival.BootID, Slot: rival.Slot}] = rival.RankID
	}
	return ranks, err
}
