package models

import "time"

// Slots cuts [from, to) by the wall clock of a time zone into pieces of so many minutes of the day, which must
// divide 1440. A slot is a stretch in which the wall clock stays in one piece of one day: where the clocks change, one
// is shorter, longer, missing or there twice, as the people who stand a shift know it. The first and the last slot
// end where the whole does.
func Slots(from, to time.Time, minutes int, zone *time.Location) []Stretch {
	whole := StretchOf(from, to)
	slots := []Stretch{}
	var last slotName
	for at := whole.From; at < whole.Until; {
		local := minuteTime(at).In(zone)
		ofDay := local.Hour()*60 + local.Minute()
		name := slotName{date: DateIn(local, zone), piece: ofDay / minutes}
		until := at + int64(minutes-ofDay%minutes)
		if _, change := local.ZoneBounds(); !change.IsZero() {
			until = min(until, max(unixMinute(change), at+1))
		}
		until = min(until, whole.Until)
		if len(slots) > 0 && name == last {
			slots[len(slots)-1].Until = until // the clocks changed within it
		} else {
			slots = append(slots, Stretch{From: at, Until: until})
		}
		last, at = name, until
	}
	return slots
}

// FinishedSlots widens [from, to) to whole slots, and leaves out those that are not over: what may be told of people to
// those who may not see tracks. Minute by minute and at once, the cover of one who walks alone is a track. Where no
// slot is over, last is first.
func FinishedSlots(from, to, now time.Time, minutes int, zone *time.Location) (first, last time.Time) {
	const longest = 26 * time.Hour // more than any slot, so that those at the border are whole
	asked := StretchOf(from, to)
	for _, slot := range Slots(from.Add(-longest), to.Add(longest), minutes, zone) {
		if slot.Until <= asked.From || slot.From >= asked.Until {
			continue
		}
		if first.IsZero() {
			first, last = slot.Start(), slot.Start()
		}
		if !slot.End().After(now) {
			last = slot.End()
		}
	}
	return first, last
}

// slotName is what the wall clock says of a slot.
type slotName struct {
	date  Date
	piece int
}
