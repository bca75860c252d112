package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"xunfang/models"
)

// walk is what two people of one squad recorded offline on one round: the same facts, delivered again and again.
type walk struct {
	name    string
	planned bool       // the round stood in the plan; otherwise the leader's phone made it
	facts   []walkFact // in the order in which they happened
	want    string     // a part of the outcome, for walks whose outcome is known beforehand
}

// phones is how many people it takes.
func (w walk) phones() int {
	return 1 + slices.MaxFunc(w.facts, func(left, right walkFact) int { return left.phone - right.phone }).phone
}

// walkFact is one thing that a phone recorded.
type walkFact struct {
	phone  int // 0 the leader's, 1 the other's, then those of a crowd
	what   string
	point  int // of check-ins and skips: one of the walk's three checkpoints
	minute int // after the planned start
}

// theWalks are walks whose outcome is written out, and some made at random.
func theWalks(random int) []walk {
	walks := []walk{
		{name: "a round of the plan", planned: true, want: "completed late,on_time,on_time,skipped,extra credited", facts: []walkFact{
			{0, "start", 0, 2},
			{0, "check-ins", 1, 4},
			{1, "check-ins", 0, 5},
			{1, "join", 0, 8},
			{1, "check-ins", 2, 11},
			{0, "skips", 0, 20},
			{0, "check-ins", 0, 70},
			{1, "check-ins", 1, 75},
			{0, "check-ins", 1, 76},
			{1, "join", 0, 80},
			{1, "leave", 0, 100},
			{1, "check-ins", 0, 130},
			{0, "finish", 0, 170},
		}},
		{name: "a round of their own", want: "completed on_time,on_time,on_time credited", facts: []walkFact{
			{0, "start", 0, 0},
			{1, "join", 0, 3},
			{0, "check-ins", 0, 5},
			{1, "check-ins", 0, 5},
			{1, "check-ins", 1, 9},
			{0, "check-ins", 1, 10},
			{0, "skips", 2, 12},
			{1, "check-ins", 2, 15},
			{1, "leave", 0, 20},
			{1, "check-ins", 1, 25},
			{0, "finish", 0, 30},
		}},
		{name: "one who came back", planned: true, facts: []walkFact{
			{0, "start", 0, 0},
			{1, "join", 0, 10},
			{1, "check-ins", 0, 15},
			{1, "leave", 0, 20},
			{1, "join", 0, 30},
			{1, "check-ins", 1, 70},
			{0, "check-ins", 2, 80},
			{0, "finish", 0, 170},
		}},
		{name: "both start it, and both end it", planned: true, facts: []walkFact{
			{1, "start", 0, 1},
			{0, "start", 0, 2},
			{0, "check-ins", 0, 5},
			{1, "check-ins", 1, 70},
			{1, "check-ins", 2, 90},
			{1, "finish", 0, 160},
			{0, "finish", 0, 170},
		}},
		{name: "one leader with two phones", planned: true, want: "abandoned on_time,missed,pending,missed guests 1", facts: []walkFact{
			{0, "start", 0, 2},
			{0, "check-ins", 0, 4}, // by the later start alone it would not count
			{0, "start", 0, 6},
			{1, "join", 0, 10},
			{0, "guests", 0, 12},
			{0, "abandon", 0, 50},
			{1, "check-ins", 1, 70},
			{0, "guests", 1, 80}, // after the end
			{0, "finish", 0, 90},
			{0, "finish", 0, 100},
		}},
		{name: "a crowd", planned: true, want: "completed missed,missed,on_time,missed guests 2 left out 3", facts: []walkFact{
			{0, "start", 0, 0},
			{1, "join", 0, 2},
			{2, "join", 0, 3},
			{3, "join", 0, 3},
			{4, "join", 0, 4},
			{5, "join", 0, 5},
			{6, "join", 0, 6},
			{0, "guests", 0, 7},
			{7, "join", 0, 8}, // the last place
			{8, "join", 0, 8},
			{0, "guests", 1, 9},
			{8, "check-ins", 0, 10},
			{9, "join", 0, 20},
			{9, "check-ins", 1, 70},
			{7, "check-ins", 2, 80},
			{0, "finish", 0, 170},
		}},
	}
	for number := range random {
		source := rand.New(rand.NewPCG(1, uint64(number))) //nolint:gosec // the same walks each time
		made := walk{name: fmt.Sprint("at random ", number), planned: number%2 == 0}
		made.facts = append(made.facts, walkFact{0, "start", 0, source.IntN(10)})
		for range 4 + source.IntN(6) {
			what := []string{"check-ins", "check-ins", "check-ins", "check-ins", "skips", "join"}[source.IntN(6)]
			phone := source.IntN(2)
			if what == "join" {
				phone = 1
			}
			made.facts = append(made.facts, walkFact{phone, what, source.IntN(3), source.IntN(180)})
		}
		made.facts = append(made.facts, walkFact{1, "join", 0, source.IntN(60)})
		if source.IntN(2) == 0 {
			made.facts = append(made.facts, walkFact{1, "leave", 0, 60 + source.IntN(60)})
		}
		if made.planned && source.IntN(2) == 0 {
			made.facts = append(made.facts, walkFact{1, "start", 0, source.IntN(10)})
		}
		if made.planned && source.IntN(2) == 0 {
			made.facts = append(made.facts, walkFact{0, "start", 0, source.IntN(10)})
		}
		for guest := range source.IntN(3) {
			made.facts = append(made.facts, walkFact{0, "guests", guest, source.IntN(180)})
		}
		for range source.IntN(3) {
			what := []string{"finish", "abandon"}[source.IntN(2)]
			made.facts = append(made.facts, walkFact{0, what, 0, 120 + source.IntN(60)})
		}
		walks = append(walks, made)
	}
	return walks
}

// delivery is one request of a phone: one or several facts.
type delivery []walkFact

// deliveries puts the facts of one phone into requests, check-ins in batches at random, and all of it in random order
// with repeats.
func deliveries(source *rand.Rand, facts []walkFact, phone int) []delivery {
	sends, scans, tracks := []delivery{}, delivery{}, delivery{}
	for _, fact := range facts {
		switch {
		case fact.phone != phone:
		case fact.what == "check-ins":
			scans = append(scans, fact)
		case fact.what == "tracks":
			tracks = append(tracks, fact)
		default:
			sends = append(sends, delivery{fact})
		}
	}
	for _, many := range []delivery{scans, tracks} {
		source.Shuffle(len(many), func(left, right int) { many[left], many[right] = many[right], many[left] })
		for len(many) > 0 {
			count := 1 + source.IntN(len(many))
			sends, many = append(sends, many[:count]), many[count:]
		}
	}
	for _, again := range slices.Clone(sends) {
		if source.IntN(4) == 0 {
			sends = append(sends, again)
		}
	}
	source.Shuffle(len(sends), func(left, right int) { sends[left], sends[right] = sends[right], sends[left] })
	return sends
}

// walkSite is where a walk's facts are delivered to.
type walkSite interface {
	send(phone int, one delivery) (taken bool) // false: too early, to be sent again
	outcome() string
}

// deliver sends a walk's facts from all its phones at once, in an order of its own. What is refused as too early is kept
// on the phone and sent with the next batch, as a phone does.
func deliver(site walkSite, one walk, seed uint64) (string, error) {
	waiting, left := make([][]delivery, one.phones()), 1
	for phone := range waiting {
		waiting[phone] = deliveries(rand.New(rand.NewPCG(seed, uint64(phone))), one.facts, phone) //nolint:gosec // can be run again
	}
	for tries := 0; left > 0; tries++ {
		if tries == 10 {
			return "", fmt.Errorf("%s, order %d: never taken: %v", one.name, seed, waiting)
		}
		both := sync.WaitGroup{}
		for phone := range waiting {
			both.Go(func() {
				kept := []delivery{}
				for _, send := range waiting[phone] {
					if !site.send(phone, send) {
						kept = append(kept, send)
					}
				}
				waiting[phone] = kept
			})
		}
		both.Wait()
		left = 0
		for _, kept := range waiting {
			left += len(kept)
		}
	}
	return site.outcome(), nil
}

// sameEveryTime delivers each walk many times and says where an outcome differs from the first; "" when none does.
func sameEveryTime(walks []walk, times int, begin func(walk) walkSite) string {
	type run struct {
		walk walk
		seed uint64
	}
	runs, first, complaints := make(chan run), make([]string, len(walks)), []string{}
	mutex, workers := sync.Mutex{}, sync.WaitGroup{}
	for range 16 { // who share commits
		workers.Go(func() {
			for one := range runs {
				got, err := deliver(begin(one.walk), one.walk, one.seed)
				at := slices.IndexFunc(walks, func(known walk) bool { return known.name == one.walk.name })
				mutex.Lock()
				switch {
				case err != nil:
					complaints = append(complaints, err.Error())
				case !strings.Contains(got, one.walk.want):
					complaints = append(complaints, fmt.Sprintf("%s, order %d:\n%s\nwant %s", one.walk.name, one.seed, got, one.walk.want))
				case first[at] == "":
					first[at] = got
				case got != first[at]:
					complaints = append(complaints, fmt.Sprintf("%s, order %d:\n%s\nbefore:\n%s", one.walk.name, one.seed, got, first[at]))
				}
				mutex.Unlock()
			}
		})
	}
	for number := range times {
		runs <- run{walks[number%len(walks)], uint64(number)} //nolint:gosec // small
	}
	close(runs)
	workers.Wait()
	if len(complaints) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d: %s", len(complaints), times, complaints[0])
}

func TestTwoPhonesOfOneSquadAThousandTimes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		times := 1000
		switch {
		case testing.Short() || strings.HasSuffix(t.Name(), "mysql"):
			times = 60
		case underRace:
			times = 200
		}
		squad, plan := rig.squadOf("夜巡一队", rig.Auxiliary, rig.GridWorker), rig.ids.next()
		crowd := []*caller{}
		for range 8 {
			crowd = append(crowd, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		for transport, c := range map[string]struct {
			times int
			call  func(*caller) phoneCall
		}{"over HTTP": {40, rig.overHTTP}, "the handlers": {times, rig.directly}} {
			phones := []phoneCall{}
			for _, who := range append([]*caller{rig.Auxiliary, rig.GridWorker}, crowd...) {
				phones = append(phones, c.call(who))
			}
			begin := func(one walk) walkSite { return newRoundSite(rig, squad, plan, phones, one) }
			if complaint := sameEveryTime(theWalks(15), c.times, begin); complaint != "" {
				t.Errorf("%s: %s", transport, complaint)
			}
		}
	})
}

// naiveRound settles as things arrive: what a program does that was not built for phones without a network.
type naiveRound struct {
	mutex  sync.Mutex
	joined bool
	seen   map[int]walkFact
}

func (n *naiveRound) send(_ int, one delivery) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, fact := range one {
		switch _, seen := n.seen[fact.point]; {
		case fact.what == "join":
			n.joined = true
		case fact.what == "check-ins" && !seen && (fact.phone == 0 || n.joined):
			n.seen[fact.point] = fact
		}
	}
	return true
}

func (n *naiveRound) outcome() string { return fmt.Sprint(n.seen) }

// The test above can see a round that depends on the order in which facts come.
func TestTwoPhonesOnARoundThatDependsOnOrder(t *testing.T) {
	walks := theWalks(15)
	for at := range walks {
		walks[at].want = ""
	}
	begin := func(walk) walkSite { return &naiveRound{seen: map[int]walkFact{}} }
	if complaint := sameEveryTime(walks, 200, begin); complaint == "" {
		t.Error("nothing was noticed")
	} else if !strings.Contains(complaint, "before:") {
		t.Error(complaint)
	}
}
