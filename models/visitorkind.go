package models

import (
	"slices"
	"time"
)

// PassKind is what a pass is for.
type PassKind string

// The kinds.
const (
	PassOneTime   PassKind = "one_time"
	PassNTimes    PassKind = "n_times"
	PassRecurring PassKind = "recurring" // at certain hours of certain days: a cleaner, a nurse
	PassDelivery  PassKind = "delivery"  // soon, through one door
	PassGroup     PassKind = "group"     // an address that many guests are given, where each takes a code of their own
	PassVehicle   PassKind = "vehicle"   // a plate
)

// How long a pass may last, by kind, and how often it opens.
const (
	MaxRecurringLength = 366 * 24 * time.Hour
	MaxDeliveryLength  = 4 * time.Hour
	MaxPassUses        = 100
	MaxDeliveryUses    = 2    // in and out
	MaxRecurringUses   = 5000 // several doors, twice a day, for a year
	MinGroupGuests     = 2
	MaxGroupGuests     = 50
)

// PassTimes are the hours of the week at which a recurring pass opens, by the wall clock of the station's time zone. Hours
// over midnight belong to the day on which they start. The zero value is always.
type PassTimes struct {
	Weekdays      []time.Weekday
	StartMinute   int // of the day, 0 to 1439
	LengthMinutes int // 1 to 1440
}

// IsZero says whether there are no set hours.
func (p PassTimes) IsZero() bool { return len(p.Weekdays) == 0 }

// Same says whether two are the same hours.
func (p PassTimes) Same(other PassTimes) bool {
	return slices.Equal(p.Weekdays, other.Weekdays) && p.StartMinute == other.StartMinute && p.LengthMinutes == other.LengthMinutes
}

// Contain says whether the hours contain an instant: their start is in, their end is not.
func (p PassTimes) Contain(now time.Time, zone *time.Location) bool {
	if p.IsZero() {
		return true
	}
	for _, span := range p.spans(now, now, zone) {
		if !now.Before(span[0]) && now.Before(span[1]) {
			return true
		}
	}
	return false
}

// spans are the hours of the days from the one before first, which may last over midnight, to that of last; without set hours
// one span that says nothing.
func (p PassTimes) spans(first, last time.Time, zone *time.Location) [][2]time.Time {
	if p.IsZero() {
		return make([][2]time.Time, 1)
	}
	spans, end := [][2]time.Time{}, DateIn(last, zone)
	for day := DateIn(first, zone).Add(-1); !end.Before(day); day = day.Add(1) {
		if slices.Contains(p.Weekdays, day.Weekday()) {
			spans = append(spans, [2]time.Time{day.At(p.StartMinute, zone), day.At(p.StartMinute+p.LengthMinutes, zone)})
		}
	}
	return spans
}

// CheckHours refuses set hours of which none lies between the start and the end of the pass: it would never open.
func (p VisitorPass) CheckHours(zone *time.Location) error {
	last := p.EndsAt
	if soon := p.StartsAt.Add(8 * 24 * time.Hour); soon.Before(last) { // each day of the week comes once until then
		last = soon
	}
	for _, span := range p.Times.spans(p.StartsAt, last, zone) {
		if p.Times.IsZero() || span[0].Before(p.EndsAt) && span[1].After(p.StartsAt) {
			return nil
		}
	}
	return Unfit("schedule", FieldNotAllowed, "hours between starts_at and ends_at")
}

// HoldsThen says whether the pass held at an instant, by its hours too, however often it had been used.
func (p VisitorPass) HoldsThen(at time.Time, zone *time.Location) bool {
	stands := p.RevokedAt.IsZero() || p.RevokedAt.After(at)
	return p.Kind != PassGroup && stands && !at.Before(p.StartsAt) && at.Before(p.EndsAt) && p.Times.Contain(at, zone)
}

// OpenAt says whether the pass opens its doors at now: active, and within its hours.
func (p VisitorPass) OpenAt(now time.Time, zone *time.Location) bool {
	return p.Kind != PassGroup && p.State(now) == PassActive && p.Times.Contain(now, zone)
}

// KindByUses is the kind of a pass that was made without one.
func KindByUses(uses int) PassKind {
	if uses > 1 {
		return PassNTimes
	}
	return PassOneTime
}

// longest is how long a pass of the kind may last.
func (k PassKind) longest() (time.Duration, string) {
	switch k {
	case PassRecurring:
		return MaxRecurringLength, "<= starts_at + 366 d"
	case PassDelivery:
		return MaxDeliveryLength, "<= starts_at + 4 h"
	default:
		return MaxPassLength, "<= starts_at + 31 d"
	}
}

// Uses fills in how often a new pass of the kind opens when nobody said so.
func (k PassKind) Uses() int {
	switch k {
	case PassRecurring:
		return MaxRecurringUses
	case PassVehicle:
		return MaxPassUses
	default:
		return 1
	}
}

// usesBetween bounds how often a pass of the kind opens.
func (k PassKind) usesBetween() (least, most int) {
	switch k {
	case PassOneTime:
		return 1, 1
	case PassNTimes:
		return 2, MaxPassUses
	case PassRecurring:
		return 1, MaxRecurringUses
	case PassDelivery:
		return 1, MaxDeliveryUses
	default:
		return 1, MaxPassUses
	}
}

// checkKind says what does not fit the kind.
func (p VisitorPass) checkKind() []FieldError {
	wrong := []FieldError{}
	refuse := func(field string, code FieldCode, want string) {
		wrong = append(wrong, FieldError{Field: field, Code: code, Want: want})
	}
	if p.Kind == "" { // made without one: everything of a kind of its own is left out
		return wrong
	}
	switch least, most := p.Kind.usesBetween(); {
	case p.MaxUses < max(least, p.Uses):
		refuse("max_uses", FieldTooSmall, ">= what was used, and as the kind wants")
	case p.MaxUses > most:
		refuse("max_uses", FieldTooLarge, "as the kind wants")
	}
	for _, own := range []struct {
		field string
		there bool
		kind  PassKind
	}{{"schedule", !p.Times.IsZero(), PassRecurring}, {"max_guests", p.MaxGuests > 0, PassGroup}} {
		switch {
		case own.there && p.Kind != own.kind:
			refuse(own.field, FieldNotAllowed, "kind "+string(own.kind))
		case !own.there && p.Kind == own.kind:
			refuse(own.field, FieldRequired, "")
		}
	}
	if p.Kind == PassVehicle && NormalPlate(p.Plate.Reveal()) == "" {
		refuse("plate", FieldRequired, "")
	}
	if p.Kind == PassGroup && p.MaxGuests > 0 && p.MaxGuests < p.Guests {
		refuse("max_guests", FieldTooSmall, ">= the guests it has")
	}
	return wrong
}

// PassChange is what is to be otherwise; nil and zero fields stay as they are.
type PassChange struct {
	StartsAt, EndsAt time.Time
	Times            *PassTimes
	MaxUses          int
	MaxGuests        int
}

// Changed is the pass after a change; CodeWrongState for one that is over. The doors are for PassDoors to choose.
func (p VisitorPass) Changed(change PassChange, now time.Time) (VisitorPass, error) {
	switch state := p.State(now); {
	case p.GroupID != "":
		return VisitorPass{}, Fail(CodeWrongState).WithFields(FieldError{Field: "group_id", Code: FieldNotAllowed, Want: "change the group's"})
	case state == PassRevoked, state == PassExpired, p.Kind == PassOneTime && state == PassUsed: // what is over is made anew
		return VisitorPass{}, Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(state)})
	}
	started := !now.Before(p.StartsAt)
	if !change.StartsAt.IsZero() {
		if started && !change.StartsAt.Equal(p.StartsAt) {
			return VisitorPass{}, Unfit("starts_at", FieldNotAllowed, "it has started")
		}
		p.StartsAt = change.StartsAt
	}
	if !change.EndsAt.IsZero() {
		p.EndsAt = change.EndsAt
	}
	if change.Times != nil {
		p.Times = *change.Times
	}
	if change.MaxUses > 0 {
		p.MaxUses = change.MaxUses
		if p.Kind == PassOneTime || p.Kind == PassNTimes {
			p.Kind = KindByUses(change.MaxUses)
		}
	}
	if change.MaxGuests > 0 {
		p.MaxGuests = change.MaxGuests
	}
	p.ChangedAt = now
	longest, _ := p.Kind.longest()
	if p.EndsAt.After(p.CreatedAt.Add(MaxPassAhead + longest)) { // no pass is extended for ever; what it holds is erased in time
		return VisitorPass{}, Unfit("ends_at", FieldTooLarge, "<= created_at + 90 d + its longest")
	}
	return p, p.Check(now)
}
