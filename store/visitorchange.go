package store

import (
	"context"
	"time"

	"xunfang/models"
)

// dayBits and weekdaysOf write days of the week as bits; bit 0 is Sunday.
func dayBits(days []time.Weekday) int {
	bits := 0
	for _, day := range days {
		bits |= 1 << day
	}
	return bits
}

func weekdaysOf(bits int) []time.Weekday {
	var days []time.Weekday
	for day := time.Sunday; day <= time.Saturday; day++ {
		if bits&(1<<day) != 0 {
			days = append(days, day)
		}
	}
	return days
}

// LockVisitorPass keeps everybody else from changing a pass until the end of the transaction.
func (s *Store) LockVisitorPass(ctx context.Context, id models.ID) error {
	done := s.write(ctx).Exec("UPDATE visitor_passes SET changed_at = changed_at WHERE id = ?", id)
	return translate(done.Error)
}

// ChangeVisitorPass writes what of a pass can change, and has those of its guests follow. CodeConflict when it was revoked, or
// used more often, meanwhile.
func (s *Store) ChangeVisitorPass(ctx context.Context, pass models.VisitorPass) error {
	change := map[string]any{
		"starts_at": millis(pass.StartsAt), "ends_at": millis(pass.EndsAt), "max_uses": pass.MaxUses,
		"schedule_days": dayBits(pass.Times.Weekdays), "schedule_start": pass.Times.StartMinute,
		"schedule_length": pass.Times.LengthMinutes, "changed_at": millis(pass.ChangedAt), "signed_until": laterSigned(pass.EndsAt),
	}
	guests, err := s.groupGuests(ctx, pass.ID)
	if err != nil {
		return err
	}
	if len(guests) > 0 {
		err := s.write(ctx).Model(&visitorPassRow{}).Where("id IN ? AND revoked_at = 0", guests).Updates(change).Error
		if err != nil {
			return translate(err)
		}
	}
	for _, guest := range guests {
		if err := s.moveGuestDoors(ctx, guest, pass); err != nil {
			return err
		}
	}
	change["kind"], change["max_guests"] = pass.Kind, pass.MaxGuests
	done := s.write(ctx).Model(&visitorPassRow{}).
		Where("id = ? AND revoked_at = 0 AND uses <= ? AND guests <= ?", pass.ID, pass.MaxUses, pass.MaxGuests).Updates(change)
	if done.Error == nil && done.RowsAffected != 1 {
		return models.Fail(models.CodeConflict)
	}
	if done.Error != nil {
		return translate(done.Error)
	}
	return s.SetPassDoors(ctx, pass.ID, pass.Doors)
}

// moveGuestDoors gives a guest's pass the doors of its group's.
func (s *Store) moveGuestDoors(ctx context.Context, guest models.ID, group models.VisitorPass) error {
	had, err := s.passDoors(ctx, []models.ID{guest})
	if err != nil {
		return err
	}
	doors, err := s.CompoundDoors(ctx, group.Place.Compound)
	if err != nil {
		return err
	}
	return s.SetPassDoors(ctx, guest, models.MovedDoors(had[guest], group.DoorIDs, doors, group.ChangedAt))
}

// groupGuests names the passes of a group's guests.
func (s *Store) groupGuests(ctx context.Context, group models.ID) ([]models.ID, error) {
	guests := []models.ID{}
	err := s.write(ctx).Model(&visitorPassRow{}).Where("group_id = ?", group).Order("id").Pluck("id", &guests).Error
	return guests, translate(err)
}

// LiveGuest names one of a group's guests whose code is worth something; false when there is none.
func (s *Store) LiveGuest(ctx context.Context, group models.ID) (models.ID, bool, error) {
	guests := []models.ID{}
	err := s.write(ctx).Model(&visitorPassRow{}).Where("group_id = ? AND revoked_at = 0 AND uses < max_uses", group).
		Order("id").Limit(1).Pluck("id", &guests).Error
	if err != nil || len(guests) == 0 {
		return "", false, translate(err)
	}
	return guests[0], true, nil
}

// VisitorPassByGuestHash reads the pass whose guest page has the address; CodeNotFound when there is none.
func (s *Store) VisitorPassByGuestHash(ctx context.Context, hash []byte) (models.VisitorPass, error) {
	rows := []visitorPassRow{}
	if err := s.read(ctx).Where("guest_hash = ?", hash).Limit(1).Find(&rows).Error; err != nil {
		return models.VisitorPass{}, translate(err)
	}
	passes, err := s.visitorPasses(ctx, rows)
	if err != nil || len(passes) == 0 {
		return models.VisitorPass{}, orNotFound(err)
	}
	return passes[0], nil
}

// TakeGroupPlace takes one of the places of a group, of which there is a set number; false when none is left, or the group is
// over. It gives the number of the place.
func (s *Store) TakeGroupPlace(ctx context.Context, group models.ID, now time.Time) (place int, taken bool, err error) {
	done := s.write(ctx).Exec(`UPDATE visitor_passes SET guests = guests + 1
		WHERE id = ? AND kind = 'group' AND revoked_at = 0 AND ends_at > ? AND guests < max_guests AND `+hostStands,
		group, millis(now), millis(now), millis(now))
	if done.Error != nil || done.RowsAffected != 1 {
		return 0, false, translate(done.Error)
	}
	counts := []int{}
	err = s.write(ctx).Model(&visitorPassRow{}).Where("id = ?", group).Pluck("guests", &counts).Error
	if err != nil || len(counts) == 0 {
		return 0, false, orNotFound(translate(err))
	}
	return counts[0], true, nil
}

// PassHostStands says whether a pass's host still has a home, or work, there: without, the pass is worth nothing.
func (s *Store) PassHostStands(ctx context.Context, pass models.ID, now time.Time) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&visitorPassRow{}).Where("id = ? AND "+hostStands, pass, millis(now), millis(now)).Count(&count).Error
	return count > 0, translate(err)
}

// maxVehiclePasses bounds the passes of one plate whose hours are looked at.
const maxVehiclePasses = 50

// VehiclePassesAt lists the passes by which a visitor's vehicle may drive in or out of a compound at an instant, if it is within
// their hours and, on its way in, a use is left: those without any hours first. The hash is that of models.NormalPlate.
func (s *Store) VehiclePassesAt(
	ctx context.Context, compound models.ID, plateMAC []byte, at time.Time,
) ([]models.VisitorPass, error) {
	rows := []visitorPassRow{}
	err := s.read(ctx).Where("plate_mac = ? AND compound_id = ? AND kind <> 'group'", plateMAC, compound).
		Where("(revoked_at = 0 OR revoked_at > ?) AND starts_at <= ? AND ends_at > ? AND "+hostStands,
			millis(at), millis(at), millis(at), millis(at), millis(at)).
		Order("schedule_days, ends_at DESC").Limit(maxVehiclePasses).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.visitorPasses(ctx, rows)
}

// VehiclePasses lists the passes by which visitors' vehicles may pass a compound's barriers between two times, those that end
// first first; their hours are not judged.
func (s *Store) VehiclePasses(ctx context.Context, compound models.ID, from, until time.Time, limit int) ([]models.VisitorPass, error) {
	rows := []visitorPassRow{}
	err := s.read(ctx).Where("compound_id = ? AND plate_mac IS NOT NULL AND revoked_at = 0 AND kind <> 'group'", compound).
		Where("starts_at < ? AND ends_at > ? AND uses < max_uses AND "+hostStands, millis(until), millis(from), millis(from), millis(from)).
		Order("ends_at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.visitorPasses(ctx, rows)
}
