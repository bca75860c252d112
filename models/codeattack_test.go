package models_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// A day at doors that somebody attacks without pause, simulated. At a keypad people take turns: whose try failed lets
// the next one in line try. All visitors type; in truth those with a QR code never wait.

const (
	typing          = 6 * time.Second // a code
	typingExtension = 2 * time.Second // more
	slipShown       = 0.05            // chance of a slip that the check digit shows
	slipUnseen      = 0.002           // of one that it does not show
	slipExtension   = 0.01
	patience        = 10 * time.Minute // a visitor who is not in by then was kept out
)

// keypad is one door with its line of visitors.
type keypad struct {
	ask   func(models.CodeTries, time.Time) models.CodeAsk
	rules models.CodeRules
	tries models.CodeTries
	risk  float64 // that the attacker's tries so far have opened it
}

// wrong remembers as many wrong codes as the store does.
func (k *keypad) wrong(now time.Time) {
	k.tries.Wrong = append([]time.Time{now}, k.tries.Wrong...)
	k.tries.Wrong = k.tries.Wrong[:min(len(k.tries.Wrong), max(1, k.rules.Tries))]
}

// attack lets the attacker try once at now.
func (k *keypad) attack(now time.Time) {
	ask := k.ask(k.tries, now)
	switch {
	case ask.Wait > 0:
		return
	case ask.Extension:
		k.risk += float64(k.rules.Most) / math.Pow10(k.rules.Digits+k.rules.Extension)
	default:
		k.risk += float64(k.rules.Few) / math.Pow10(k.rules.Digits)
	}
	k.wrong(now)
}

// enter lets a visitor type at now until the door opens, and gives the time, and how long the door let them wait after
// they had typed everything right; false when their patience ends.
func (k *keypad) enter(now time.Time, slips *rand.Rand) (opened time.Time, waited time.Duration, in bool) {
	for began := now; ; {
		ask := k.ask(k.tries, now)
		now = now.Add(typing)
		if ask.Extension {
			now = now.Add(typingExtension)
		}
		wait := k.ask(k.tries, now).Wait
		if now.Add(wait).Sub(began) > patience {
			return now, wait, false
		}
		now = now.Add(wait) // the keypad sends it when it may
		switch drawn := slips.Float64(); {
		case drawn < slipShown: // no guess: once more
		case drawn < slipShown+slipUnseen, ask.Extension && drawn < slipShown+slipUnseen+slipExtension:
			k.wrong(now)
		default:
			return now, wait, true
		}
	}
}

type attackedDay struct {
	refused int
	risk    float64         // the greatest of any door
	waits   []time.Duration // of a visitor who has typed everything right, until the door opens; sorted
	later   []time.Duration // than on a day without attack, with the line, all typing and all slips; sorted
}

func p99(times []time.Duration) time.Duration { return times[len(times)*99/100] }

// simulateDay has doors attacked from the first to the last second while visitors arrive, often several at once.
func simulateDay(rules models.CodeRules, ask func(models.CodeTries, time.Time) models.CodeAsk, doors, visitors int) attackedDay {
	day := attackedDay{}
	calm := func(models.CodeTries, time.Time) models.CodeAsk { return models.CodeAsk{} }
	for door := range doors {
		arrivals := arrivalsAt(rand.New(rand.NewPCG(1, uint64(door))), visitors/doors)
		quiet := keypad{rules: rules, ask: calm}
		attacked := keypad{rules: rules, ask: ask}
		calmly, _, _ := quiet.run(arrivals, false, uint64(door))
		opened, waits, refused := attacked.run(arrivals, true, uint64(door))
		for at := range opened {
			day.later = append(day.later, max(0, opened[at].Sub(calmly[at])))
		}
		day.waits = append(day.waits, waits...)
		day.refused += refused
		day.risk = max(day.risk, attacked.risk)
	}
	slices.Sort(day.waits)
	slices.Sort(day.later)
	return day
}

// run is a day at one door.
func (k *keypad) run(arrivals []time.Time, attacked bool, seed uint64) (opened []time.Time, waits []time.Duration, refused int) {
	free := noon // when nobody stands at the keypad
	for at, arrival := range append(slices.Clone(arrivals), noon.Add(models.CodeWindow)) {
		for attacked { // while nobody waits, the attacker types, and sends it the moment the door takes one
			sent := free.Add(typing + typingExtension)
			sent = sent.Add(k.ask(k.tries, sent).Wait)
			if !sent.Add(-typing - typingExtension).Before(arrival) {
				break
			}
			k.attack(sent)
			free = sent
		}
		if at == len(arrivals) {
			break
		}
		if arrival.After(free) {
			free = arrival
		}
		out, waited, in := k.enter(free, rand.New(rand.NewPCG(seed, uint64(at))))
		if !in {
			refused++
		}
		opened, waits, free = append(opened, out), append(waits, waited), out
	}
	return opened, waits, refused
}

// arrivalsAt are visitors over a day: alone, and in groups of up to five who come within ten seconds.
func arrivalsAt(random *rand.Rand, count int) []time.Time {
	times := []time.Time{}
	for len(times) < count {
		came := noon.Add(time.Duration(random.Int64N(int64(models.CodeWindow))))
		for range 1 + random.IntN(5)*random.IntN(2) {
			times = append(times, came.Add(time.Duration(random.IntN(10))*time.Second))
		}
	}
	times = times[:count]
	slices.SortFunc(times, time.Time.Compare)
	return times
}

func TestADaysAttackOnTwoHundredDoors(t *testing.T) {
	rules := models.DefaultCodeRules()
	day := simulateDay(rules, rules.Ask, 200, 10_000)
	t.Logf("%d visitors, %d refused; wait p99 %s, most %s; later by p50 %s, p99 %s, most %s; chance of the attacker %.3g (bound %.3g)",
		len(day.waits), day.refused, p99(day.waits), day.waits[len(day.waits)-1],
		day.later[len(day.later)/2], p99(day.later), day.later[len(day.later)-1], day.risk, rules.Chance())
	if day.refused > 0 || p99(day.waits) > 30*time.Second || p99(day.later) > time.Minute {
		t.Errorf("%d visitors were refused; wait p99 %s, later by p99 %s", day.refused, p99(day.waits), p99(day.later))
	}
	if day.risk > rules.Chance() || day.risk < rules.Chance()/2 {
		t.Errorf("the attacker's chance is %.3g, the rule says %.3g", day.risk, rules.Chance())
	}
	// Each part is needed: the simulation must show what its absence does.
	without := rules
	without.Pause = 0
	if got := simulateDay(without, without.Ask, 2, 100); got.risk <= models.StrangersChance {
		t.Errorf("without the pause: %.3g", got.risk)
	}
	without = rules
	without.Extension = 0
	if got := simulateDay(without, without.Ask, 2, 100); got.risk <= models.StrangersChance {
		t.Errorf("without the extension: %.3g", got.risk)
	}
	lockOut := func(tries models.CodeTries, now time.Time) models.CodeAsk {
		if ask := rules.Ask(tries, now); ask.Extension {
			return models.CodeAsk{Wait: models.CodeWindow}
		}
		return models.CodeAsk{}
	}
	if got := simulateDay(rules, lockOut, 2, 100); got.refused == 0 {
		t.Error("a lock-out kept nobody out")
	}
}

// With a small space of codes the attacker does get in, as often as the rule says and no more.
func TestChanceAsCounted(t *testing.T) {
	rules := models.CodeRules{Digits: 3, Extension: 1, Tries: 4, Few: 10, Most: 20, Pause: 30 * time.Minute}
	const days = 20_000
	random, broken := rand.New(rand.NewPCG(5, 5)), 0
	for range days {
		door := &keypad{rules: rules, ask: rules.Ask}
		for now := noon; now.Before(noon.Add(models.CodeWindow)); now = now.Add(time.Minute) {
			ask := rules.Ask(door.tries, now)
			if ask.Wait > 0 {
				continue
			}
			live, space := rules.Few, 1000
			if ask.Extension {
				live, space = rules.Most, 10_000
			}
			if door.attack(now); random.IntN(space) < live { // any guess is as good as any other
				broken++
				break
			}
		}
	}
	measured, spread := float64(broken)/days, 4*math.Sqrt(0.25/days)
	t.Logf("measured %.4f, bound %.4f", measured, rules.Chance())
	if measured > rules.Chance()+spread || measured < rules.Chance()*0.8-spread {
		t.Errorf("%.4f of the days ended with an open door, the rule says %.4f", measured, rules.Chance())
	}
}
