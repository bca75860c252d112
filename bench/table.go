package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const tableHead = "case          callers   ours/s   bare/s  ratio    p50 ms  (bare)  ratio    " +
	"p99 ms  (bare)  ratio   cpu µs  (bare)  generator\n"

func printResults(out io.Writer, results []result, head bool) error {
	text := strings.Builder{}
	if head {
		text.WriteString(tableHead)
	}
	for _, line := range results {
		fmt.Fprintf(&text, "%-12s  %7d  %7.0f  %7.0f  %5.2f  %8.2f %7.2f  %5.2f  %8.2f %7.2f  %5.2f  %7d %7d  %8.0f%%\n",
			line.name, line.callers, line.ours.perSecond, line.bare.perSecond, line.ratios.perSecond,
			inMillis(line.ours.p50), inMillis(line.bare.p50), line.ratios.p50,
			inMillis(line.ours.p99), inMillis(line.bare.p99), line.ratios.p99,
			line.ours.processor.Microseconds(), line.bare.processor.Microseconds(), 100*max(line.ours.generator, line.bare.generator))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func printDepths(out io.Writer, kind string, rounds [][]round) error {
	text := strings.Builder{}
	text.WriteString("              page of the list, 1 caller: p50 ms, and as a ratio to page 1\n")
	for at := range rounds {
		reached := sideOf(rounds[at], 1)
		fmt.Fprintf(&text, "%-12s  %7d  %8.2f  %5.2f\n", kind, depths[at], inMillis(reached.p50), ratiosOf(rounds[at], rounds[0], 1).p50)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func inMillis(length time.Duration) float64 { return float64(length.Microseconds()) / 1000 }

// goal is what the product has promised at 64 callers.
type goal struct {
	database, name string
	perSecond      float64 // ours to bare at least
}

var goals = []goal{
	{kindSQLite, caseOne, 2},
	{kindMariaDB, caseOne, 1},
	{kindSQLite, caseFifty, 15},
	{kindMariaDB, caseFifty, 15},
}

// maxTail is the p99 of single check-ins to the bare program's at most.
const maxTail = 1.0

// printGoals says of each goal that was measured whether it was reached.
func printGoals(out io.Writer, results []result) error {
	text := strings.Builder{}
	for _, wanted := range goals {
		for _, line := range results {
			if line.database != wanted.database || line.name != wanted.name || line.callers != maxCallers {
				continue
			}
			fmt.Fprintf(&text, "%-8s %-12s %d callers: %.2f times the bare program's items a second, wanted %.0f: %s",
				line.database, line.name, line.callers, line.ratios.perSecond, wanted.perSecond,
				verdict(line.ratios.perSecond >= wanted.perSecond))
			if line.name == caseOne {
				fmt.Fprintf(&text, "; its p99 %.2f times, wanted at most %.0f: %s",
					line.ratios.p99, maxTail, verdict(line.ratios.p99 <= maxTail))
			}
			text.WriteString("\n")
		}
	}
	if text.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(out, "\n"+text.String())
	return err
}

func verdict(reached bool) string {
	if reached {
		return "reached"
	}
	return "MISSED"
}
