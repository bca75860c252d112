package main

import (
	"math"
	"slices"
	"time"
)

// round is what one program did in one turn.
type round struct {
	latencies []time.Duration // of every request, in no order
	elapsed   time.Duration
	generator float64       // share of all cores that this process took, 0 to 1
	processor time.Duration // that the program used, without that of a database server
}

func (r round) perSecond(items int) float64 {
	if r.elapsed <= 0 {
		return 0
	}
	return float64(len(r.latencies)*items) / r.elapsed.Seconds()
}

// percentile is the nearest-rank percentile of sorted latencies, share from 0 to 1; 0 of none.
func percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(share * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the middle of the values, of two middles their mean; NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// side is what one program reached over all its rounds.
type side struct {
	perSecond float64 // items, the median of the rounds
	p50, p99  time.Duration
	generator float64       // the most it took in a round
	processor time.Duration // for one item
}

func sideOf(rounds []round, items int) side {
	rates, all, generator, processor := []float64{}, []time.Duration{}, 0.0, time.Duration(0)
	for _, each := range rounds {
		rates = append(rates, each.perSecond(items))
		all = append(all, each.latencies...)
		generator = max(generator, each.generator)
		processor += each.processor
	}
	slices.Sort(all)
	return side{
		perSecond: median(rates), p50: percentile(all, 0.50), p99: percentile(all, 0.99), generator: generator,
		processor: processor / time.Duration(max(1, len(all)*items)),
	}
}

// ratios are ours to bare, each the median over pairs of neighbouring rounds, so that a machine that
// gets slower or faster meanwhile weighs on both sides alike.
type ratios struct{ perSecond, p50, p99 float64 }

func ratiosOf(ours, bare []round, items int) ratios {
	rates, middles, tails := []float64{}, []float64{}, []float64{}
	for at := range min(len(ours), len(bare)) {
		our, their := sideOf(ours[at:at+1], items), sideOf(bare[at:at+1], 1)
		rates = append(rates, our.perSecond/their.perSecond)
		middles = append(middles, float64(our.p50)/float64(their.p50))
		tails = append(tails, float64(our.p99)/float64(their.p99))
	}
	return ratios{perSecond: median(rates), p50: median(middles), p99: median(tails)}
}
