package uhppote

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
)

// The numbers that are not cards to a board: none, a deleted one, and one that readers send for noise.
const (
	noCard      = 0
	deletedCard = 0xffffffff
	noiseCard   = 0x00ffffff
)

// always lets a card in at every hour of its days; 2 to 254 would be a time profile.
const always = 1

func validCard(number uint32) bool {
	return number != noCard && number != deletedCard && number != noiseCard
}

// PutCard implements doors.Driver. A card's days are days of the board's clock: a validity that begins or
// ends within a day is refused, for the board would let it in for the whole of that day.
func (d *Driver) PutCard(ctx context.Context, card models.DoorCard) error {
	if !validCard(card.Number) || !card.From.Before(card.Until) || len(card.Doors) == 0 {
		return models.ErrDoorCredential
	}
	from, until := card.From.In(d.board.zone), card.Until.In(d.board.zone)
	if !midnight(from) || !midnight(until) {
		return models.ErrDoorWholeDays
	}
	if from.Year() < 2000 || until.Year() > 2099 {
		return models.ErrDoorCredential
	}
	record := Card{Number: card.Number, From: from, Until: until.AddDate(0, 0, -1)}
	for _, id := range card.Doors {
		door, err := d.door(id)
		if err != nil {
			return err
		}
		record.Doors[door.Number-1] = always
	}
	return d.board.PutCard(ctx, record)
}

func midnight(at time.Time) bool {
	return at.Equal(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()))
}

// RemoveCard implements doors.Driver. A board refuses to delete what it does not hold, and that may be our own
// first request whose reply was lost: so it is asked whether the card is there.
func (d *Driver) RemoveCard(ctx context.Context, number uint32) error {
	if !validCard(number) {
		return models.ErrDoorCredential
	}
	err := d.board.DeleteCard(ctx, number)
	if !errors.Is(err, models.ErrDoorRefused) {
		return err
	}
	if _, found, asked := d.board.Card(ctx, number); asked != nil || found {
		return errors.Join(err, asked)
	}
	return nil
}
