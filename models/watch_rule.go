package models

import (
	"fmt"
	"time"
)

// Concerns says what is wrong at an instant. The same facts and instant give the same concerns.
func Concerns(facts WatchFacts, now time.Time) []Concern {
	found := []Concern{}
	for _, round := range facts.Rounds {
		found = append(found, round.concerns(facts, now)...)
	}
	for _, post := range facts.Posts {
		if concern, stands := post.concern(now); stands {
			found = append(found, concern)
		}
	}
	for _, place := range facts.Places {
		if concern, stands := place.concern(facts.Zone); stands {
			found = append(found, concern)
		}
	}
	for at := range found {
		found[at].StationID = facts.StationID
	}
	return found
}

// concerns of a round that nobody started are one, however many stops it has. One that somebody called off before it
// began is none.
func (r WatchedRound) concerns(facts WatchFacts, now time.Time) []Concern {
	found := []Concern{}
	of := func(kind ConcernKind, subject string, from, since time.Time) Concern {
		return Concern{
			Kind: kind, Subject: string(kind) + "/" + subject, Severity: SeverityNormal, SquadID: r.SquadID, RoundID: r.ID,
			LeaderID: r.leader(), Name: r.Name, RoundName: r.Name, From: from, Since: since, LapsesAt: since.Add(ConcernOpen),
		}
	}
	if r.StartedAt.IsZero() {
		concern := of(ConcernNotStarted, string(r.ID), r.StartsAt, r.StartsAt.Add(StartTolerance))
		if r.EndedBy == "" && concern.stands(now) {
			found = append(found, concern)
		}
		return found
	}
	for _, stop := range r.AsOf(now).Stops {
		concern := of(ConcernStopMissed, fmt.Sprintf("%s/%d", r.ID, stop.Ordinal), stop.UntilAt, stop.UntilAt)
		concern.PlaceID, concern.Name = stop.CheckpointID, facts.Checkpoints[stop.CheckpointID]
		if stop.Priority == PriorityHigh {
			concern.Severity = SeverityHigh
		}
		if stop.State == StopMissed && concern.stands(now) { // a round that ends early misses nothing before its time
			found = append(found, concern)
		}
	}
	return found
}

func (r WatchedRound) leader() ID {
	if r.LeaderID != "" {
		return r.LeaderID
	}
	return r.SquadLeader
}

// concern of a post is that its squad was away for its longest gap, counted from the start of the shift when nobody has
// come yet.
func (p WatchedPost) concern(now time.Time) (Concern, bool) {
	from := p.On.Start
	for _, later := range []time.Time{p.CreatedAt, p.Shift.CreatedAt, p.LastSeen} {
		if later.After(from) {
			from = later
		}
	}
	concern := Concern{
		Kind: ConcernPostLeft, Subject: fmt.Sprintf("%s/%s/%s/%s", ConcernPostLeft, p.ID, p.Shift.ID, p.On.Date),
		Severity: SeverityNormal, SquadID: p.Shift.SquadID, PlaceID: p.ID, LeaderID: p.LeaderID, Name: p.Name,
		From: from, Since: from.Add(p.MaxGap), LapsesAt: p.On.End,
	}
	return concern, concern.stands(now)
}

func (p WatchedPlace) concern(zone *time.Location) (Concern, bool) {
	from, unseen := p.LastSeen, p.LastSeen.IsZero()
	if unseen {
		from = p.AsOf.Add(-KeyPlaceLookBack)
	}
	if p.From.After(from) {
		from, unseen = p.From, false
	}
	concern := Concern{
		Kind: ConcernGap, Subject: fmt.Sprintf("%s/%s", ConcernGap, p.ID), Severity: SeverityNormal, PlaceID: p.ID,
		Name: p.Name, From: from, Since: KeyPlaceDue(from, zone), Unseen: unseen,
	}
	return concern, concern.stands(p.AsOf)
}

func (c Concern) stands(now time.Time) bool {
	return !now.Before(c.Since) && (c.LapsesAt.IsZero() || now.Before(c.LapsesAt))
}

// KeyPlaceDue is when somebody must be at a key place again: KeyPlaceGap after an instant, where the minutes between
// 22:00 and 06:00 of the station's wall clock count double. So nothing falls due at the stroke of ten.
func KeyPlaceDue(from time.Time, zone *time.Location) time.Time {
	left, at := KeyPlaceGap.Nanoseconds(), from
	for day := DateIn(from, zone); ; day = day.Add(1) {
		for _, part := range []struct {
			until int
			speed int64
		}{{NightUntilMinute, 2}, {NightFromMinute, 1}, {DayMinutes, 2}} {
			until := day.At(part.until, zone)
			if !until.After(at) {
				continue
			}
			if spent := until.Sub(at).Nanoseconds() * part.speed; spent < left {
				left, at = left-spent, until
				continue
			}
			return at.Add(time.Duration(left / part.speed))
		}
	}
}
