package store

import (
	"context"
	"time"

	"xunfang/models"
)

type roundMemberRow struct {
	RoundID     models.ID `gorm:"primaryKey"`
	PersonID    models.ID `gorm:"primaryKey"`
	Kind        models.MemberKind
	JoinedAt    int64
	ConfirmedAt int64
	LeftAt      int64
	LeftOut     bool
}

func (roundMemberRow) TableName() string { return "round_members" }

// AddRoundMember writes a new member of a round; CodeAlreadyExists when the person is one.
func (s *Store) AddRoundMember(ctx context.Context, member models.RoundMember) error {
	row := roundMemberRow{
		RoundID: member.RoundID, PersonID: member.PersonID, Kind: member.Kind,
		JoinedAt: millis(member.JoinedAt), ConfirmedAt: millis(member.ConfirmedAt), LeftAt: millis(member.LeftAt),
		LeftOut: member.LeftOut,
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// Memberships finds the rounds a person walked with at some instant of [from, to), the earliest first, at most 100:
// what a position or a check-in recorded then may belong to.
func (s *Store) Memberships(ctx context.Context, person models.ID, from, to time.Time) ([]models.Membership, error) {
	rows := []struct {
		Member    roundMemberRow `gorm:"embedded"`
		SquadKind models.SquadKind
		State     models.RoundState
		EndedAt   int64
	}{}
	err := s.read(ctx).Table("round_members").
		Select("round_members.*, rounds.state, rounds.ended_at, COALESCE(squads.kind, '') AS squad_kind").
		Joins("JOIN rounds ON rounds.id = round_members.round_id").
		Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
		Where("round_members.person_id = ? AND round_members.joined_at < ?", person, millis(to)).
		Where("(round_members.left_at = 0 OR round_members.left_at >= ?)", millis(from)).
		Where("(rounds.ended_at = 0 OR rounds.ended_at >= ?)", millis(from)).
		Order("round_members.joined_at, round_members.round_id").Limit(100).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	found := make([]models.Membership, 0, len(rows))
	for _, row := range rows {
		found = append(found, models.Membership{
			RoundMember: row.Member.member(), SquadKind: row.SquadKind, State: row.State, EndedAt: instant(row.EndedAt),
		})
	}
	return found, nil
}

func (r roundMemberRow) member() models.RoundMember {
	return models.RoundMember{
		RoundID: r.RoundID, PersonID: r.PersonID, Kind: r.Kind, JoinedAt: instant(r.JoinedAt),
		ConfirmedAt: instant(r.ConfirmedAt), LeftAt: instant(r.LeftAt), LeftOut: r.LeftOut,
	}
}

// UpdateRoundMember writes the times of a member.
func (s *Store) UpdateRoundMember(ctx context.Context, member models.RoundMember) error {
	done := s.write(ctx).Model(&roundMemberRow{}).Where("round_id = ? AND person_id = ?", member.RoundID, member.PersonID).
		Updates(map[string]any{
			"kind": member.Kind, "joined_at": millis(member.JoinedAt), "confirmed_at": millis(member.ConfirmedAt),
			"left_at": millis(member.LeftAt), "left_out": member.LeftOut,
		})
	return translate(done.Error)
}

// KeepRoundMember writes a member of a station's round as changed from what was read before; the zero value for a new one. The
// cover of the person counts anew since the joining: check-ins that name the round can have come before it.
func (s *Store) KeepRoundMember(ctx context.Context, station models.ID, before, after models.RoundMember, now time.Time) error {
	from := after.JoinedAt
	if before.PersonID != "" && before.JoinedAt.Before(from) {
		from = before.JoinedAt
	}
	if until := now.Add(models.MaxFuture); from.Before(until) {
		s.CoverageChanged(station, after.PersonID, from, until, now)
	}
	if before.PersonID == "" {
		return s.AddRoundMember(ctx, after)
	}
	return s.UpdateRoundMember(ctx, after)
}

// RoundMembers lists everybody who walks or walked with a round, the earliest first.
func (s *Store) RoundMembers(ctx context.Context, round models.ID) ([]models.RoundMember, error) {
	rows := []roundMemberRow{}
	err := s.read(ctx).Where("round_id = ?", round).Order("joined_at, person_id").Find(&rows).Error
	members := make([]models.RoundMember, 0, len(rows))
	for _, row := range rows {
		members = append(members, row.member())
	}
	return members, translate(err)
}

// RoundNames gives the names of a round's members.
func (s *Store) RoundNames(ctx context.Context, round models.ID) (map[models.ID]models.Secret, error) {
	rows := []personRow{}
	err := s.read(ctx).Select("id, name_sealed").
		Where("id IN (SELECT person_id FROM round_members WHERE round_id = ?)", round).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	names := make(map[models.ID]models.Secret, len(rows))
	for _, row := range rows {
		if names[row.ID], err = s.openText(row.NameSealed, "people.name", row.ID); err != nil {
			return nil, err
		}
	}
	return names, nil
}

type roundGuestRow struct {
	ID          models.ID `gorm:"primaryKey"`
	RoundID     models.ID
	NameSealed  []byte
	PhoneSealed []byte
	AddedAt     int64
	EraseAt     int64 // when name and phone are due to go; 0 once they are gone
}

func (roundGuestRow) TableName() string { return "round_guests" }

// AddRoundGuest writes a named guest of a round; CodeAlreadyExists when the id is taken.
func (s *Store) AddRoundGuest(ctx context.Context, guest models.RoundGuest, eraseAt time.Time) error {
	row := roundGuestRow{
		ID: guest.ID, RoundID: guest.RoundID, NameSealed: s.sealText(guest.Name, "round_guests.name", guest.ID),
		PhoneSealed: s.sealText(guest.Phone, "round_guests.phone", guest.ID), AddedAt: millis(guest.AddedAt), EraseAt: millis(eraseAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// RoundGuest reads one named guest; CodeNotFound when there is none.
func (s *Store) RoundGuest(ctx context.Context, id models.ID) (models.RoundGuest, error) {
	rows := []roundGuestRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.RoundGuest{}, orNotFound(translate(err))
	}
	return s.roundGuest(rows[0])
}

// RoundGuests lists a round's named guests, the earliest first.
func (s *Store) RoundGuests(ctx context.Context, round models.ID) ([]models.RoundGuest, error) {
	rows := []roundGuestRow{}
	if err := s.read(ctx).Where("round_id = ?", round).Order("added_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	guests := make([]models.RoundGuest, 0, len(rows))
	for _, row := range rows {
		guest, err := s.roundGuest(row)
		if err != nil {
			return nil, err
		}
		guests = append(guests, guest)
	}
	return guests, nil
}

func (s *Store) roundGuest(row roundGuestRow) (models.RoundGuest, error) {
	name, err := s.openText(row.NameSealed, "round_guests.name", row.ID)
	if err != nil {
		return models.RoundGuest{}, err
	}
	phone, err := s.openText(row.PhoneSealed, "round_guests.phone", row.ID)
	return models.RoundGuest{ID: row.ID, RoundID: row.RoundID, Name: name, Phone: phone, AddedAt: instant(row.AddedAt)}, err
}

// eraseRoundGuests takes name and phone from named guests of rounds that are long over.
func (s *Store) eraseRoundGuests(ctx context.Context, now time.Time) (int64, error) {
	due := []models.ID{}
	err := s.read(ctx).Model(&roundGuestRow{}).Where("erase_at > 0 AND erase_at <= ?", millis(now)).
		Order("erase_at").Limit(forgetBatch).Pluck("id", &due).Error
	if err != nil || len(due) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "UPDATE round_guests SET name_sealed = NULL, phone_sealed = NULL, erase_at = 0 WHERE id IN ?", due)
}
