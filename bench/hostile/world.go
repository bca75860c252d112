package hostile

import (
	"container/heap"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// world is everything, in true time. One thing happens after another.
type world struct {
	campaign Campaign
	lot      *rand.Rand
	begun    time.Time
	passed   time.Duration // true time since begun
	coming   events
	order    int
	logger   *slog.Logger

	keys, stranger *auth.Keys
	public         map[string]ed25519.PublicKey
	server         *server
	controllers    []*controller
	broker         broker
	result         Result
	digest         hash.Hash
	ids            int
}

// event is something that will happen. Of two at the same time the first made comes first.
type event struct {
	at    time.Duration
	order int
	what  func()
}

type events []event //nolint:recvcheck // as container/heap wants it

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(one any) { *e = append(*e, one.(event)) } //nolint:forcetypeassert // only events are pushed
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	(*e)[len(*e)-1] = event{}
	*e = (*e)[:len(*e)-1]
	return last
}

func newWorld(campaign Campaign, keys, stranger *auth.Keys) *world {
	made := &world{
		campaign: campaign, lot: rand.New(rand.NewPCG(campaign.Seed, 1)),
		begun: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), logger: slog.New(slog.DiscardHandler),
		keys: keys, stranger: stranger, public: keys.DoorPublicKeys(), digest: sha256.New(),
	}
	made.broker = broker{world: made, archive: map[models.ID][]letter{}}
	made.server = newServer(made)
	for number := range ordinary + 1 {
		made.controllers = append(made.controllers, newController(made, number))
	}
	twin := made.controllers[ordinary]
	twin.twin, twin.doors = made.controllers[0], made.controllers[0].doors
	made.controllers[0].twin = twin
	for _, one := range made.controllers {
		if one != twin {
			one.restart(0)
		}
		one.greet()
		one.trouble()
	}
	made.server.trouble()
	made.ask()
	return made
}

// next lets the next thing happen; false when nothing is left.
func (w *world) next() bool {
	if len(w.coming) == 0 {
		return false
	}
	one := heap.Pop(&w.coming).(event) //nolint:forcetypeassert // only events are pushed
	w.passed = one.at
	one.what()
	return true
}

// after lets something happen later.
func (w *world) after(wait time.Duration, what func()) {
	w.order++
	heap.Push(&w.coming, event{at: w.passed + max(0, wait), order: w.order, what: what})
}

// asking says whether commands are still asked for: only then does the world go on by itself.
func (w *world) asking() bool { return w.result.Commands < w.campaign.Commands }

// ask lets people ask for doors, one after another.
func (w *world) ask() {
	if w.result.Commands == w.campaign.Commands {
		return
	}
	w.after(w.exponential(meanGap), func() {
		w.result.Commands++
		w.server.open(w.controllers[w.lot.IntN(ordinary)])
		w.ask()
	})
}

func (w *world) end() Result {
	w.result.Said = w.server.said()
	w.result.Untrue = w.server.untrue()
	w.result.Denied = w.server.denied()
	w.result.Digest = hex.EncodeToString(w.digest.Sum(nil)[:8])
	return w.result
}

func (w *world) note(what string, of models.ID) {
	_, _ = fmt.Fprintf(w.digest, "%d %s %s\n", w.passed, what, of)
}

func (w *world) is(fault Fault) bool { return w.campaign.Fault == fault }

// id is a new one; its number is its place in time, as with UUIDv7.
func (w *world) id() models.ID {
	w.ids++
	return models.ID(fmt.Sprintf("0198c000-0000-7000-8000-%012x", w.ids))
}

func (w *world) chance(of float64) bool { return w.lot.Float64() < of }

func (w *world) exponential(mean time.Duration) time.Duration {
	return time.Duration(w.lot.ExpFloat64() * float64(mean))
}

// anything is between two lengths, each order of magnitude as likely as the other.
func (w *world) anything(least, most time.Duration) time.Duration {
	low, high := math.Log(float64(least)), math.Log(float64(most))
	return time.Duration(math.Exp(low + w.lot.Float64()*(high-low)))
}

// wrongTime is how far off somebody sets a clock.
func (w *world) wrongTime() time.Duration {
	switch lot := w.lot.Float64(); {
	case lot < 0.4: // far enough to do harm, and not so far that the session is over before it can
		return w.eitherWay(w.anything(bound, 4*time.Minute))
	case lot < 0.7:
		return w.eitherWay(w.anything(100*time.Millisecond, bound))
	default:
		return w.eitherWay(w.anything(4*time.Minute, 24*time.Hour))
	}
}

func (w *world) eitherWay(length time.Duration) time.Duration {
	if w.chance(0.5) {
		return -length
	}
	return length
}
