package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"xunfang/auth"
	"xunfang/bench/hostile"
)

// caseHostile is no measurement but a proof: see bench/hostile.
const caseHostile = "door-hostile"

// worldSize is how many commands one simulated world takes: some three days, and a week until nothing is under
// way any more. Worlds are independent of each other, so that each core has one.
const worldSize = 50_000

// measureHostile sends commands through a hostile broker, and says first what it will be able to see.
func measureHostile(ctx context.Context, asked options, out io.Writer) error {
	keys, err := auth.GenerateKeys(rand.Reader, false)
	if err != nil {
		return err
	}
	stranger, err := auth.GenerateKeys(rand.Reader, false)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%d commands through a hostile broker, seed %d\n", asked.commands, asked.seed); err != nil {
		return err
	}
	for _, fault := range hostile.Faults() {
		result := hostile.Run(hostile.Campaign{Seed: asked.seed, Commands: worldSize, Fault: fault}, keys, stranger)
		if result.Violations() == 0 {
			return fmt.Errorf("without the check %q nothing happened in %d commands: this campaign proves nothing", fault, result.Commands)
		}
		if _, err := fmt.Fprintf(out, "  without %-15s violated after %6d commands\n", fault, result.Commands); err != nil {
			return err
		}
	}
	begun, used := time.Now(), processorTime()
	total, err := allWorlds(ctx, asked, keys, stranger)
	if err != nil {
		return err
	}
	if err := printHostile(out, total); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s, %s of processor time\n",
		time.Since(begun).Round(time.Second), (processorTime() - used).Round(time.Second)); err != nil {
		return err
	}
	return total.Err()
}

// allWorlds adds the worlds up in the order of their seeds, whichever ends first.
func allWorlds(ctx context.Context, asked options, keys, stranger *auth.Keys) (hostile.Result, error) {
	results := make([]hostile.Result, (asked.commands+worldSize-1)/worldSize)
	next := make(chan int, len(results))
	for at := range results {
		next <- at
	}
	close(next)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for at := range next {
				if ctx.Err() != nil {
					return
				}
				results[at] = hostile.Run(hostile.Campaign{
					Seed: asked.seed + uint64(at), Commands: min(worldSize, asked.commands-at*worldSize), //nolint:gosec // small
				}, keys, stranger)
			}
		})
	}
	group.Wait()
	total := hostile.Result{}
	for _, one := range results {
		total.Add(one)
	}
	return total, ctx.Err()
}

func printHostile(out io.Writer, result hostile.Result) error {
	_, err := fmt.Fprintf(out, `late %d, twice %d, at the wrong door %d, unsigned %d, from a broker's memory %d, another action %d, untrue %d
%d commands, %d signed, %d deliveries, %d power cuts, %d times a controller's clock was set, %d times the server's
%d valid, %d of them worked: %.4f %%; %d opened in all, %d known to the server, %d told as failed (see README.md)
digest %s
`, result.Late, result.Twice, result.WrongDoor, result.Unsigned, result.Kept, result.Other, result.Untrue,
		result.Commands, result.Signed, result.Delivered, result.Restarts, result.Steps, result.ServerSteps,
		result.Valid, result.Worked, 100*result.Share(), result.Opened, result.Said, result.Denied, result.Digest)
	return err
}
