package store

import (
	"context"
	"time"

	"xunfang/models"
)

type roundRow struct {
	ID           models.ID `gorm:"primaryKey"`
	OrderID      models.ID // starts_at and id as one sortable id
	StationID    models.ID
	PlanID       models.ID
	SquadID      models.ID
	Date         string
	LeaderID     models.ID
	State        models.RoundState
	StartsAt     int64
	EndsAt       int64
	StartedAt    int64
	EndedAt      int64
	ReasonSealed []byte
	Ordered      bool
	Team         bool
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (roundRow) TableName() string { return "rounds" }

type roundStopRow struct {
	RoundID          models.ID `gorm:"primaryKey"`
	Ordinal          int       `gorm:"primaryKey;autoIncrement:false"`
	CheckpointID     models.ID
	FromAt           int64
	UntilAt          int64
	Priority         models.Priority
	State            models.StopState
	SeenAt           int64
	SeenBy           models.ID
	CheckInID        models.ID
	SkipReasonSealed []byte
}

func (roundStopRow) TableName() string { return "round_stops" }

type roundMemberRow struct {
	RoundID     models.ID `gorm:"primaryKey"`
	PersonID    models.ID `gorm:"primaryKey"`
	Kind        models.MemberKind
	JoinedAt    int64
	ConfirmedAt int64
	LeftAt      int64
}

func (roundMemberRow) TableName() string { return "round_members" }

// AddRound writes a new round with its stops; CodeAlreadyExists when there is one of that id.
func (s *Store) AddRound(ctx context.Context, round models.Round) error {
	row := roundRow{
		ID: round.ID, OrderID: models.OrderID(round.StartsAt, round.ID), StationID: round.StationID, PlanID: round.PlanID,
		SquadID: round.SquadID, Date: round.Date.String(), LeaderID: round.LeaderID, State: round.State,
		StartsAt: millis(round.StartsAt), EndsAt: millis(round.EndsAt), StartedAt: millis(round.StartedAt),
		EndedAt: millis(round.EndedAt), ReasonSealed: s.sealText(models.Secret(round.Reason), "rounds.reason", round.ID),
		Ordered: round.Ordered, Team: round.Team, CreatedAt: millis(round.CreatedAt),
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	if len(round.Stops) == 0 {
		return nil
	}
	stops := make([]roundStopRow, 0, len(round.Stops))
	for _, stop := range round.Stops {
		stops = append(stops, roundStopRow{
			RoundID: round.ID, Ordinal: stop.Ordinal, CheckpointID: stop.CheckpointID, FromAt: millis(stop.FromAt),
			UntilAt: millis(stop.UntilAt), Priority: stop.Priority, State: stop.State, SeenAt: millis(stop.SeenAt),
			SeenBy: stop.SeenBy, CheckInID: stop.CheckInID,
			SkipReasonSealed: s.sealText(models.Secret(stop.SkipReason), "round_stops.skip_reason", round.ID),
		})
	}
	return translate(s.write(ctx).Create(&stops).Error)
}

// AddRoundMember writes a new member of a round; CodeAlreadyExists when the person is one.
func (s *Store) AddRoundMember(ctx context.Context, member models.RoundMember) error {
	row := roundMemberRow{
		RoundID: member.RoundID, PersonID: member.PersonID, Kind: member.Kind,
		JoinedAt: millis(member.JoinedAt), ConfirmedAt: millis(member.ConfirmedAt), LeftAt: millis(member.LeftAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// Membership is one person's part in one round.
type Membership struct {
	models.RoundMember
	SquadKind models.SquadKind // "" for a round without a squad
	State     models.RoundState
	EndedAt   time.Time // of the round; zero while it goes on
}

// Memberships finds the rounds a person walked with at some instant of [from, to), the earliest first, at most 100:
// what a position or a check-in recorded then may belong to.
func (s *Store) Memberships(ctx context.Context, person models.ID, from, to time.Time) ([]Membership, error) {
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
	found := make([]Membership, 0, len(rows))
	for _, row := range rows {
		found = append(found, Membership{
			RoundMember: row.Member.member(), SquadKind: row.SquadKind, State: row.State, EndedAt: instant(row.EndedAt),
		})
	}
	return found, nil
}

func (r roundMemberRow) member() models.RoundMember {
	return models.RoundMember{
		RoundID: r.RoundID, PersonID: r.PersonID, Kind: r.Kind, JoinedAt: instant(r.JoinedAt),
		ConfirmedAt: instant(r.ConfirmedAt), LeftAt: instant(r.LeftAt),
	}
}
