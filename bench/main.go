// Command bench measures the product beside a bare program on the same machine, and prints the ratios.
// See README.md in this folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options say what is measured, and how long.
type options struct {
	databases []string
	only      string // one case; "" for all
	callers   []int
	round     time.Duration // of one program, before the other has its turn
	rounds    int           // of each program
	rows      int           // check-ins in the table beforehand
	quick     bool
	data      string // folder of the databases; "" for a temporary one
	profile   string // folder for CPU profiles of the product; "" for none
	prepared  bool   // the bare program keeps its INSERT prepared
	maxDoors  int
	commands  int    // of door-hostile
	seed      uint64 // of its first world
	addresses int    // of push-fanout
	streams   int    // of stream-emergency
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if which := os.Getenv(envFake); which != "" {
		if err := beBeside(which); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	asked, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, asked, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// beBeside is this program as what stands beside the product.
func beBeside(which string) error {
	if which == bareStreams {
		return beBareStreams()
	}
	return beTheFake()
}

func parse(arguments []string, usage io.Writer) (options, error) {
	asked := options{maxDoors: 128}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(usage)
	databases := flags.String("db", "sqlite,mariadb", "databases; mariadb needs the server of "+envServer)
	callers := flags.String("callers", "1,16,64", "how many callers at once")
	seconds := flags.Float64("seconds", 2, "seconds of one round of one program")
	flags.StringVar(&asked.only, "only", "", "one case: "+strings.Join(append(caseNames(), apart()...), ", "))
	flags.IntVar(&asked.rounds, "rounds", 5, "rounds of each program, in turn")
	flags.IntVar(&asked.rows, "rows", 1_000_000, "check-ins in the table beforehand")
	flags.IntVar(&asked.commands, "commands", 1_000_000, "door commands of "+caseHostile)
	flags.IntVar(&asked.addresses, "addresses", 100_000, "phones of "+caseFanout)
	flags.IntVar(&asked.streams, "streams", 5000, "open streams of "+caseStreams)
	flags.Uint64Var(&asked.seed, "seed", 1, "from which everything follows in "+caseHostile)
	flags.BoolVar(&asked.quick, "quick", false, "one short round with few rows: shows that it runs, its figures mean little")
	flags.BoolVar(&asked.prepared, "prepared", false, "let the bare program keep its INSERT prepared, as quick as it can be made")
	flags.StringVar(&asked.data, "data", "", "folder for the databases, on the disk to be measured; default: a temporary one")
	flags.StringVar(&asked.profile, "profile", "", "folder for CPU profiles of the product, one for each case and database")
	if err := flags.Parse(arguments); err != nil {
		return asked, err
	}
	asked.databases = strings.Split(*databases, ",")
	asked.round = time.Duration(*seconds * float64(time.Second))
	if asked.quick {
		asked.round, asked.rounds, asked.rows, *callers = 500*time.Millisecond, 1, 20_000, "1,64"
	}
	for _, word := range strings.Split(*callers, ",") {
		count, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || count < 1 || count > maxCallers {
			return asked, fmt.Errorf("--callers: %q is not a number from 1 to %d", word, maxCallers)
		}
		asked.callers = append(asked.callers, count)
	}
	return asked, asked.check()
}

func (o options) check() error {
	for _, database := range o.databases {
		if database != kindSQLite && database != kindMariaDB {
			return fmt.Errorf("--db: %q is neither %s nor %s", database, kindSQLite, kindMariaDB)
		}
	}
	if o.only != "" && !slices.Contains(apart(), o.only) && !slices.Contains(caseNames(), o.only) {
		return fmt.Errorf("--only: there is no case %q", o.only)
	}
	if o.only == caseHostile && o.commands < 1 {
		return errors.New("--commands must be greater than zero")
	}
	if o.addresses < 1 || o.addresses > 10_000_000 {
		return errors.New("--addresses must be from 1 to 10,000,000")
	}
	if o.round <= 0 || o.rounds < 1 || o.rows < 1 {
		return errors.New("--seconds, --rounds and --rows must be greater than zero")
	}
	return nil
}

// run measures everything that was asked for and prints it to out.
func run(ctx context.Context, asked options, out io.Writer) (err error) {
	if by, own := map[string]func(context.Context, options, io.Writer) error{
		caseNearest: measureNearest, caseHostile: measureHostile, caseFanout: measureFanout,
	}[asked.only]; own {
		return by(ctx, asked, out)
	}
	programs, err := buildPrograms(ctx, asked.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, programs.remove()) }()
	if err := describeMachine(out); err != nil {
		return err
	}
	all := []result{}
	for _, kind := range asked.databases {
		if kind == kindMariaDB && os.Getenv(envServer) == "" {
			if _, err := fmt.Fprintf(out, "\n%s is left out: %s is not set (tools/with-mariadb.sh sets it)\n", kind, envServer); err != nil {
				return err
			}
			continue
		}
		results, err := measureDatabase(ctx, asked, programs, kind, out)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		all = append(all, results...)
	}
	if asked.only == "" {
		if err := measureNearest(ctx, asked, out); err != nil {
			return err
		}
	}
	return printGoals(out, all)
}

// measureDatabase sets both programs up on one kind of database and runs every case.
func measureDatabase(ctx context.Context, asked options, programs *programs, kind string, out io.Writer) (results []result, err error) {
	begun := time.Now()
	rig, err := newRig(ctx, asked, programs, kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rig.close()) }()
	if _, err := fmt.Fprintf(out, "\n%s: %d check-ins asked for, set up in %s\n",
		rig.database.version, asked.rows, time.Since(begun).Round(time.Second)); err != nil {
		return nil, err
	}
	for _, name := range caseNames() {
		if asked.only != "" && asked.only != name {
			continue
		}
		if by, own := map[string]func(context.Context, io.Writer) error{
			caseCover: rig.measureCover, caseRelay: rig.measureRelay, caseStreams: rig.measureStreams,
		}[name]; own {
			if err := by(ctx, out); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		measured, err := rig.measure(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := printResults(out, measured, len(results) == 0); err != nil {
			return nil, err
		}
		results = append(results, measured...)
		if name != caseList {
			continue
		}
		if err := rig.measureDepth(ctx, out); err != nil {
			return nil, fmt.Errorf("%s by depth: %w", name, err)
		}
	}
	return results, nil
}
