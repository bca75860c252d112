package main

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// maxCallers bounds --callers: each has a person, a session and a home of its own.
const maxCallers = 64

// traffic is what callers send to one program.
type traffic struct {
	client  *fasthttp.HostClient
	program *process
	// prepare makes the caller's next request out of its last one; false when there is nothing left to send.
	prepare func(caller int, request *fasthttp.Request) bool
	proof   []byte // stands in every right answer
	times   int    // so often
}

func newClient(address string) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr: address, MaxConns: maxCallers, NoDefaultUserAgentHeader: true,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute, MaxIdleConnDuration: 5 * time.Minute,
		MaxResponseBodySize: 8 << 20, MaxIdemponentCallAttempts: 1,
	}
}

// run lets the callers send one request after another, each waiting for its answer, for as long as
// asked. A wrong answer ends it: a program that fails quickly must not look quick.
func (t traffic) run(callers int, length time.Duration) (round, error) {
	latencies, wrong := make([][]time.Duration, callers), make([]error, callers)
	var failed atomic.Bool
	var all sync.WaitGroup
	used, took, begun := t.program.used(), processorTime(), time.Now()
	for caller := range callers {
		all.Go(func() {
			mine := make([]time.Duration, 0, 1<<14)
			request, response := &fasthttp.Request{}, &fasthttp.Response{}
			request.Header.DisableNormalizing()
			for last := time.Now(); last.Sub(begun) < length && !failed.Load() && t.prepare(caller, request); {
				sent := time.Now()
				err := t.client.Do(request, response)
				last = time.Now()
				if err == nil {
					err = t.check(response)
				}
				if err != nil {
					wrong[caller] = err
					failed.Store(true)
					break
				}
				mine = append(mine, last.Sub(sent))
			}
			latencies[caller] = mine
		})
	}
	all.Wait()
	made := round{elapsed: time.Since(begun), processor: t.program.used() - used}
	made.generator = (processorTime() - took).Seconds() / made.elapsed.Seconds() / float64(runtime.NumCPU())
	for caller := range callers {
		if wrong[caller] != nil {
			return made, wrong[caller]
		}
		made.latencies = append(made.latencies, latencies[caller]...)
	}
	return made, nil
}

func (t traffic) check(response *fasthttp.Response) error {
	status, body := response.StatusCode(), response.Body()
	if status < http.StatusOK || status > 299 {
		return fmt.Errorf("status %d: %.300s", status, body)
	}
	if found := bytes.Count(body, t.proof); found != t.times {
		return fmt.Errorf("%q stands %d times in the answer, not %d: %.300s", t.proof, found, t.times, body)
	}
	return nil
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
