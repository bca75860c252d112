package models

import (
	"reflect"
	"testing"
	"time"
)

var callAt = time.Date(2026, 11, 24, 2, 10, 0, 0, time.UTC)

func aCall(change func(*Call)) Call {
	call := Call{
		ID: "call", Place: Place{Station: "s", Compound: "c", Building: "b", Unit: "u", Home: "h"}, DeviceID: "panel",
		State: CallRinging, RungAt: callAt, ExpiresAt: callAt.Add(CallLife), Session: "sdp",
		Legs: []CallLeg{
			{Kind: LegHome, At: callAt},
			{Kind: LegPerson, PersonID: "ann", At: callAt.Add(20 * time.Second)},
			{Kind: LegGuard, At: callAt.Add(45 * time.Second)},
		},
	}
	if change != nil {
		change(&call)
	}
	return call
}

func answeredBy(who ID) func(*Call) {
	return func(call *Call) { call.State, call.AnsweredBy, call.AnsweredAt = CallAnswered, who, callAt }
}

// What a call is at an instant follows from the time, whatever was written down.
func TestCallStateFollowsTheTime(t *testing.T) {
	ended := func(state CallState) func(*Call) { return func(call *Call) { call.State = state } }
	for _, row := range []struct {
		after  time.Duration
		change func(*Call)
		want   CallState
	}{
		{0, nil, CallRinging},
		{20*time.Second - 1, nil, CallRinging},
		{20 * time.Second, nil, CallForwarded},
		{CallLife - 1, nil, CallForwarded},
		{CallLife, nil, CallMissed},
		{CallLife - 1, answeredBy("ann"), CallAnswered},
		{CallLife, answeredBy("ann"), CallEnded},
		{CallLife, ended(CallOpened), CallOpened},
		{time.Hour, ended(CallRefused), CallRefused},
	} {
		if got := aCall(row.change).StateAt(callAt.Add(row.after)); got != row.want {
			t.Errorf("after %s: %s, want %s", row.after, got, row.want)
		}
	}
}

func TestWhatACallBecomes(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*Call)
		after  time.Duration
		by     ID
		to     CallState
		want   CallState // "" when it is refused
	}{
		{"answered", nil, 0, "ann", CallAnswered, CallAnswered},
		{"answered by the guard", nil, CallLife - 1, "guard", CallAnswered, CallAnswered},
		{"answered too late", nil, CallLife, "ann", CallAnswered, ""},
		{"answered twice", answeredBy("ann"), time.Second, "bob", CallAnswered, ""},
		{"answered by the same again", answeredBy("ann"), time.Second, "ann", CallAnswered, ""},
		{"opened by the answerer", answeredBy("ann"), CallLife - 1, "ann", CallOpened, CallOpened},
		{"opened too late", answeredBy("ann"), CallLife, "ann", CallOpened, ""},
		{"opened by another", answeredBy("ann"), time.Second, "bob", CallOpened, ""},
		{"opened at once", nil, time.Second, "ann", CallOpened, CallOpened},
		{"opened at once, too late", nil, CallLife, "ann", CallOpened, ""},
		{"refused by the answerer", answeredBy("ann"), time.Second, "ann", CallRefused, CallRefused},
		{"refused at once", nil, time.Second, "ann", CallRefused, CallRefused},
		{"refused by another", answeredBy("ann"), time.Second, "bob", CallRefused, ""},
		{"hung up while it rings", nil, time.Second, "panel", CallEnded, CallEnded},
		{"hung up while they talk", answeredBy("ann"), time.Second, "panel", CallEnded, CallEnded},
		{"hung up too late", nil, CallLife, "panel", CallEnded, ""},
		{"opened twice", func(call *Call) { answeredBy("ann")(call); call.State = CallOpened }, 0, "ann", CallOpened, ""},
		{"back to ringing", answeredBy("ann"), 0, "ann", CallRinging, ""},
		{"missed by somebody", nil, 0, "ann", CallMissed, ""},
	} {
		got, err := aCall(row.change).Moved(row.to, row.by, callAt.Add(row.after))
		switch {
		case row.want == "" && CodeOf(err) != CodeWrongState:
			t.Errorf("%s: %v", row.name, err)
		case row.want != "" && (err != nil || got.State != row.want):
			t.Errorf("%s: %s %v", row.name, got.State, err)
		case row.want != "" && (got.AnsweredBy == "") != (row.want == CallEnded && row.change == nil):
			t.Errorf("%s: answered by %q", row.name, got.AnsweredBy)
		case row.want != "" && (got.Session == "") == got.State.Live():
			t.Errorf("%s: the session is %q in %s", row.name, got.Session.Reveal(), got.State)
		}
	}
	for _, state := range []CallState{CallRinging, CallForwarded, CallAnswered} {
		if !state.Live() {
			t.Errorf("%s does not go on", state)
		}
	}
}

func TestCallLapses(t *testing.T) {
	if _, over := aCall(nil).Lapsed(callAt.Add(CallLife - 1)); over {
		t.Error("it lapsed early")
	}
	for _, row := range []struct {
		change func(*Call)
		want   CallState
	}{{nil, CallMissed}, {answeredBy("ann"), CallEnded}} {
		got, over := aCall(row.change).Lapsed(callAt.Add(time.Hour))
		if !over || got.State != row.want || got.Session != "" || got.EndedAt != callAt.Add(CallLife) || !got.NextAt().IsZero() {
			t.Errorf("%s: %+v %v", row.want, got, over)
		}
		if _, again := got.Lapsed(callAt.Add(time.Hour)); again {
			t.Errorf("%s lapsed twice", row.want)
		}
	}
}

// The home rings at least 20 s alone, its list one after another, the guard the last 15 s.
func TestCallLegs(t *testing.T) {
	list := []CallListed{{"ann", 10}, {"bob", 5}}
	both := map[ID]bool{"ann": true, "bob": true}
	leg := func(kind CallLegKind, person ID, seconds int) CallLeg {
		return CallLeg{Kind: kind, PersonID: person, At: callAt.Add(time.Duration(seconds) * time.Second)}
	}
	atOnce := []CallLeg{leg(LegGuard, "", 0)}
	for name, row := range map[string]struct {
		settings CallSettings
		ringing  map[ID]bool
		want     []CallLeg
	}{
		"no list":      {CallSettings{}, both, []CallLeg{leg(LegHome, "", 0), leg(LegGuard, "", 45)}},
		"a list":       {CallSettings{List: list}, both, []CallLeg{leg(LegHome, "", 0), leg(LegPerson, "ann", 30), leg(LegPerson, "bob", 40), leg(LegGuard, "", 45)}},
		"one silent":   {CallSettings{List: list}, map[ID]bool{"bob": true}, []CallLeg{leg(LegHome, "", 0), leg(LegPerson, "bob", 40), leg(LegGuard, "", 45)}},
		"no consent":   {CallSettings{List: list}, nil, atOnce},
		"quiet":        {CallSettings{List: list, QuietUntil: callAt.Add(1)}, both, atOnce},
		"quiet before": {CallSettings{QuietUntil: callAt}, both, []CallLeg{leg(LegHome, "", 0), leg(LegGuard, "", 45)}},
	} {
		if got := CallLegs(row.settings, row.ringing, callAt); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func TestCallSettingsFit(t *testing.T) {
	members := map[ID]bool{"ann": true, "bob": true, "cyd": true}
	for name, row := range map[string]struct {
		settings CallSettings
		want     []string
	}{
		"nothing":          {CallSettings{}, nil},
		"just fits":        {CallSettings{List: []CallListed{{"ann", 15}, {"bob", 10}}, QuietUntil: callAt.Add(CallQuietMost)}, nil},
		"too long":         {CallSettings{List: []CallListed{{"ann", 15}, {"bob", 11}}}, []string{"forward"}},
		"a stranger":       {CallSettings{List: []CallListed{{"ann", 5}, {"dan", 5}}}, []string{"forward[1].person_id"}},
		"somebody twice":   {CallSettings{List: []CallListed{{"ann", 5}, {"ann", 5}}}, []string{"forward[1].person_id"}},
		"quiet for longer": {CallSettings{QuietUntil: callAt.Add(CallQuietMost + 1)}, []string{"do_not_disturb_until"}},
	} {
		got := []string(nil)
		if err, ok := row.settings.Check(members, callAt).(*Error); ok { //nolint:errorlint // made here, never wrapped
			for _, field := range err.Fields {
				got = append(got, field.Field)
			}
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func TestHowOftenAPanelRings(t *testing.T) {
	ago := func(each time.Duration, count int) []time.Time {
		times := []time.Time{}
		for at := range count {
			times = append(times, callAt.Add(-time.Duration(at+1)*each))
		}
		return times
	}
	for name, row := range map[string]struct {
		rung []time.Time
		want time.Duration
	}{
		"never":                      {nil, 0},
		"twice just now":             {ago(time.Second, 2), 0},
		"three times just now":       {ago(time.Second, 3), 117 * time.Second},
		"three times in two minutes": {ago(40*time.Second, 3), 0},
		"and just inside":            {ago(40*time.Second-1, 3), 3},
		"nine in an hour":            {ago(5*time.Minute, 9), 0},
		"ten in an hour":             {ago(5*time.Minute, 10), 10 * time.Minute},
		"ten in just more":           {ago(6*time.Minute, 10), 0},
	} {
		if got := CallWait(row.rung, callAt); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// The panel has its own calls, the home those since its people moved in, the guard those that are forwarded, and nobody else any.
func TestWhoHasACall(t *testing.T) {
	home := Place{Station: "s", Compound: "c", Building: "b", Unit: "u", Home: "h"}
	as := func(id ID, role Role, place Place, since time.Time) Principal {
		return Principal{ID: id, Device: role == RoleDevice, Grants: []Grant{{Role: role, Place: place, StartsAt: since}}}
	}
	other := home
	other.Home = "h2"
	guard := as("guard", RoleGuard, Place{Station: "s", Compound: "c"}, time.Time{})
	for name, row := range map[string]struct {
		who   Principal
		call  Call
		after time.Duration
		may   bool
	}{
		"resident":                {as("ann", RoleResident, home, callAt), aCall(nil), 0, true},
		"resident, afterwards":    {as("ann", RoleResident, home, callAt), aCall(nil), time.Hour, true},
		"moved in since":          {as("ann", RoleResident, home, callAt.Add(1)), aCall(nil), 0, false},
		"next door":               {as("eve", RoleResident, other, callAt), aCall(nil), 0, false},
		"its panel":               {as("panel", RoleDevice, Place{Station: "s"}, callAt), aCall(nil), 0, true},
		"another panel":           {as("panel2", RoleDevice, Place{Station: "s", Compound: "c"}, callAt), aCall(nil), 0, false},
		"guard, too early":        {guard, aCall(nil), 45*time.Second - 1, false},
		"guard, forwarded":        {guard, aCall(nil), 45 * time.Second, true},
		"guard, over":             {guard, aCall(nil), CallLife, false},
		"guard, who talks":        {guard, aCall(answeredBy("guard")), 46 * time.Second, true},
		"guard, others talk":      {guard, aCall(answeredBy("ann")), 46 * time.Second, false},
		"guard of other compound": {as("g2", RoleGuard, Place{Station: "s", Compound: "c2"}, callAt), aCall(nil), 46 * time.Second, false},
		"officer":                 {as("o", RoleOfficer, Place{Station: "s", Compound: "c"}, callAt), aCall(nil), 46 * time.Second, false},
		"commander":               {as("o", RoleCommander, Place{Station: "s"}, callAt), aCall(nil), 46 * time.Second, false},
		"property":                {as("p", RoleProperty, Place{Station: "s", Compound: "c"}, callAt), aCall(nil), 46 * time.Second, false},
	} {
		_, err := row.call.For(OpGetCall, row.who, callAt.Add(row.after))
		if (err == nil) != row.may || err != nil && CodeOf(err) != CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
