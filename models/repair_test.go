package models

import (
	"testing"
	"time"
)

func TestWhatMayBeDoneWithARepair(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	one := func(state RepairState) Repair {
		return Repair{State: state, AssignedTo: "me", DoneAt: now.Add(-RepairReopenWithin)}
	}
	for name, err := range map[string]struct {
		got  error
		want Code
	}{
		"accepts":                     {one(RepairAssigned).CheckStep("me", RepairAccepted, ""), ""},
		"accepts another's":           {one(RepairAssigned).CheckStep("other", RepairAccepted, ""), CodeWrongState},
		"accepts twice":               {one(RepairAccepted).CheckStep("me", RepairAccepted, ""), CodeWrongState},
		"declines without a word":     {one(RepairAssigned).CheckStep("me", RepairRequested, ""), CodeUnprocessable},
		"declines":                    {one(RepairInProgress).CheckStep("me", RepairRequested, "缺料"), ""},
		"finishes what was not begun": {one(RepairAccepted).CheckStep("me", RepairDone, ""), ""},
		"finishes unaccepted":         {one(RepairAssigned).CheckStep("me", RepairDone, ""), CodeWrongState},
		"assigns what is done":        {one(RepairDone).CheckAssignment("me"), CodeWrongState},
		"assigns to who has it":       {one(RepairAccepted).CheckAssignment("me"), CodeUnprocessable},
		"hands over":                  {one(RepairInProgress).CheckAssignment("other"), ""},
		"cancels before it begins":    {one(RepairAccepted).CheckCancellation(true, ""), ""},
		"cancels what has begun":      {one(RepairInProgress).CheckCancellation(true, ""), CodeWrongState},
		"cancels for who mends":       {one(RepairInProgress).CheckCancellation(false, "重复"), ""},
		"cancels without a word":      {one(RepairInProgress).CheckCancellation(false, ""), CodeUnprocessable},
		"rates in time":               {one(RepairDone).CheckRating(now), ""},
		"rates too late":              {one(RepairDone).CheckRating(now.Add(1)), CodeWrongState},
		"rates twice":                 {one(RepairRated).CheckRating(now), CodeWrongState},
		"reopens in time":             {one(RepairRated).CheckReopening(now), ""},
		"reopens too late":            {one(RepairDone).CheckReopening(now.Add(1)), CodeWrongState},
		"reopens what was cancelled":  {one(RepairCancelled).CheckReopening(now), CodeWrongState},
		"accepts what was reopened":   {one(RepairReopened).CheckStep("me", RepairAccepted, ""), ""},
		"finishes what was reopened":  {one(RepairReopened).CheckStep("me", RepairDone, ""), CodeWrongState},
		"gives it to somebody else":   {one(RepairReopened).CheckAssignment("other"), ""},
		"reopens for the sixth time":  {Repair{State: RepairDone, DoneAt: now, Reopened: MaxRepairReopened}.CheckReopening(now), CodeWrongState},
	} {
		if got := CodeOf(err.got); got != err.want {
			t.Errorf("%s: %q, want %q", name, got, err.want)
		}
	}
}

func TestDuringDay(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	for name, one := range map[string]struct {
		since  time.Time
		period time.Duration
		want   time.Time
	}{
		"by day":               {at(24, 10, 0), time.Hour, at(24, 11, 0)},
		"to the last minute":   {at(24, 19, 0), time.Hour, at(24, 20, 0)},
		"over the night":       {at(24, 19, 30), time.Hour, at(25, 8, 30)},
		"at the very end":      {at(24, 20, 0), time.Hour, at(25, 9, 0)},
		"in the evening":       {at(24, 23, 59), 30 * time.Minute, at(25, 8, 30)},
		"before the morning":   {at(24, 2, 0), 30 * time.Minute, at(24, 8, 30)},
		"at eight":             {at(24, 8, 0), 30 * time.Minute, at(24, 8, 30)},
		"over two nights":      {at(24, 14, 0), 20 * time.Hour, at(26, 10, 0)},
		"over a month's end":   {at(30, 19, 0), 2 * time.Hour, time.Date(2026, 12, 1, 9, 0, 0, 0, zone)},
		"by a clock elsewhere": {at(24, 10, 0).UTC(), time.Hour, at(24, 11, 0)},
	} {
		if got := DuringDay(one.since, one.period, zone); !got.Equal(one.want) {
			t.Errorf("%s: %s, want %s", name, got, one.want)
		}
	}
}

func TestRepairClocks(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	morning := time.Date(2026, 11, 24, 9, 0, 0, 0, zone)
	step := func(state RepairState, after time.Duration) RepairStep {
		return RepairStep{State: state, At: morning.Add(after), ToID: "me"}
	}
	lamp := Repair{Category: RepairLamp, RequestedAt: morning}.Stepped(step(RepairRequested, 0), zone)
	lift := Repair{Category: RepairLift, RequestedAt: morning}.Stepped(step(RepairRequested, 0), zone)
	wished := Repair{Category: RepairLamp, RequestedAt: morning, WishUntil: morning.Add(100 * time.Hour)}.Stepped(step(RepairRequested, 0), zone)
	to := func(repair Repair, steps ...RepairStep) Repair {
		for _, one := range steps {
			repair = repair.Stepped(one, zone)
		}
		return repair
	}
	accepted := []RepairStep{step(RepairAssigned, time.Minute), step(RepairAccepted, 2*time.Minute)}
	for name, one := range map[string]struct {
		repair Repair
		want   time.Time
	}{
		"asked for":       {lamp, morning.Add(RepairAssignWithin)},
		"assigned":        {to(lamp, accepted[0]), morning.Add(time.Minute + RepairAcceptWithin)},
		"accepted":        {to(lamp, accepted...), morning.Add(RepairDoneWithin)},
		"urgent accepted": {to(lift, accepted...), morning.Add(RepairUrgentWithin)},
		"wished":          {to(wished, accepted...), morning.Add(100 * time.Hour)},
		"done":            {to(lamp, append(accepted, step(RepairDone, time.Hour))...), time.Time{}},
		"done anew": {
			to(lamp, append(accepted, step(RepairDone, time.Hour), step(RepairReopened, 2*time.Hour), step(RepairAccepted, 3*time.Hour))...),
			morning.Add(2*time.Hour + RepairDoneWithin),
		},
	} {
		if !one.repair.DueAt.Equal(one.want) || !one.repair.ClimbsAt.Equal(one.want) {
			t.Errorf("%s: due %s, want %s", name, one.repair.DueAt, one.want)
		}
	}
	if to(lamp, step(RepairAssigned, RepairAssignWithin)).Late || !to(lamp, step(RepairAssigned, RepairAssignWithin+1)).Late {
		t.Error("late is what comes after its time, and not at it")
	}
	climbed := lamp.Climbed()
	if !climbed.Late || !climbed.ClimbsAt.Equal(lamp.DueAt.Add(RepairClimbsAfter)) || !climbed.Climbed().ClimbsAt.IsZero() {
		t.Errorf("%+v", climbed)
	}
}

func TestFiguresOfRepairs(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	done := func(hours int, rating int) RepairFact {
		return RepairFact{
			Category: RepairLamp, State: RepairDone, RequestedAt: at, AcceptedAt: at.Add(time.Hour), DoneAt: at.Add(time.Duration(hours) * time.Hour),
			Rating: rating,
		}
	}
	late := done(10, 5)
	late.Late, late.Reopened, late.State = true, 2, RepairRated
	got := FiguresOfRepairs([]RepairFact{done(2, 0), late, done(4, 4), {Category: RepairLift, State: RepairRequested, RequestedAt: at}})
	want := []RepairFigures{
		{
			Category: RepairLamp, Requested: 3, Done: 3, Late: 1, Reopened: 1, MedianAcceptance: time.Hour, MedianDone: 4 * time.Hour,
			Rated: 2, MeanRating: 4.5,
		},
		{Category: RepairLift, Requested: 1, Open: 1},
	}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	if even := FiguresOfRepairs([]RepairFact{done(2, 0), done(4, 0)}); even[0].MedianDone != 3*time.Hour {
		t.Errorf("the median of two: %s", even[0].MedianDone)
	}
}

func TestWhereARepairIsWanted(t *testing.T) {
	home := Place{Station: "s", Compound: "c", Building: "b", Unit: "u", Home: "h"}
	compound, other := Place{Station: "s", Compound: "c"}, Place{Station: "s", Compound: "d"}
	resident := Principal{Grants: []Grant{{Role: RoleResident, Place: home}}}
	two := Principal{Grants: []Grant{{Role: RoleResident, Place: home}, {Role: RoleVolunteer, Place: other}}}
	commander := Principal{Grants: []Grant{{Role: RoleCommander, Place: Place{Station: "s"}}}}
	for name, one := range map[string]struct {
		who      Principal
		home     ID
		compound Place
		want     Place
		code     Code
	}{
		"own home":                 {resident, "h", Place{}, home, ""},
		"another's home":           {resident, "x", Place{}, Place{}, CodeUnprocessable},
		"one's compound":           {resident, "", Place{}, compound, ""},
		"one's compound, named":    {resident, "", compound, compound, ""},
		"another compound":         {resident, "", other, Place{}, CodeUnprocessable},
		"one of two, unnamed":      {two, "", Place{}, Place{}, CodeUnprocessable},
		"one of two, named":        {two, "", other, other, ""},
		"a commander's":            {commander, "", other, other, ""},
		"a commander's, unnamed":   {commander, "", Place{}, Place{}, CodeUnprocessable},
		"another station's, named": {commander, "", Place{Station: "t", Compound: "c"}, Place{}, CodeUnprocessable},
	} {
		got, err := RepairPlace(one.who, one.home, home, one.compound)
		if one.home == "x" {
			got, err = RepairPlace(one.who, one.home, Place{Station: "s", Compound: "c", Home: "x"}, one.compound)
		}
		if got != one.want || CodeOf(err) != one.code {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}
