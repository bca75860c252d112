package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// caseStreams times an emergency from its request until it stands in open streams, beside a bare program that writes the same
// number of bytes to as many connections, without database, rights or anything else.
const caseStreams = "stream-emergency"

const (
	bareStreams    = "streams" // value of envFake
	squadSize      = 20
	streamsMedian  = 20 * time.Millisecond // promised
	streamsHighest = 100 * time.Millisecond
	openAtOnce     = 64
	receiptPatient = 30 * time.Second
)

// listeners are open streams; each tells when an event with an id came.
type listeners struct {
	conns []net.Conn
	came  chan time.Time
}

func (l *listeners) close() {
	for _, conn := range l.conns {
		_ = conn.Close()
	}
}

// listen opens one stream per token; without tokens count streams.
func listen(address string, requests []string) (*listeners, error) {
	made := &listeners{came: make(chan time.Time, 2*len(requests))}
	mutex, group, errs := sync.Mutex{}, sync.WaitGroup{}, []error{}
	room := make(chan struct{}, openAtOnce)
	for _, request := range requests {
		room <- struct{}{}
		group.Go(func() {
			defer func() { <-room }()
			conn, err := openOne(address, request, made.came)
			mutex.Lock()
			defer mutex.Unlock()
			if errs = append(errs, err); conn != nil {
				made.conns = append(made.conns, conn)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		made.close()
		return nil, err
	}
	return made, nil
}

func openOne(address, request string, came chan<- time.Time) (net.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return conn, err
	}
	lines := bufio.NewReaderSize(conn, 2048)
	status, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") {
		return conn, fmt.Errorf("a stream: %q %w", status, err)
	}
	for line := ""; line != ": open\n"; {
		if line, err = lines.ReadString('\n'); err != nil {
			return conn, err
		}
	}
	go func() {
		for {
			line, err := lines.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) > 4 && string(line[:4]) == "id: " {
				came <- time.Now()
			}
		}
	}()
	return conn, nil
}

// heard sends so often and gathers how long each receipt took.
func (l *listeners) heard(ctx context.Context, times, receivers int, send func() error) ([]time.Duration, error) {
	took := []time.Duration{}
	for range times {
		begun := time.Now()
		sent := make(chan error, 1)
		go func() { sent <- send() }()
		patience := time.After(receiptPatient)
		for range receivers {
			select {
			case at := <-l.came:
				took = append(took, at.Sub(begun))
			case <-patience:
				return nil, fmt.Errorf("%d receipts of %d after %s", len(took), times*receivers, receiptPatient)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if err := <-sent; err != nil {
			return nil, err
		}
		select { // what else the machine has to do for it, the ledger among it, is not to weigh on the next
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	slices.Sort(took)
	return took, nil
}

// measureStreams opens the streams of as many volunteers, of whom a squad are activists as well.
func (r *rig) measureStreams(ctx context.Context, out io.Writer) error {
	count := max(squadSize, r.asked.streams)
	if r.asked.quick {
		count = min(count, 200)
	}
	people, err := r.streamers(ctx, count)
	if err != nil {
		return err
	}
	if err := r.authorize(); err != nil {
		return err
	}
	ours, err := listen(r.our.Addr, people)
	if err != nil {
		return err
	}
	times := max(2, 4*r.asked.rounds)
	squad, err := ours.heard(ctx, 2*times, squadSize, r.emergency("activist"))
	if err != nil {
		return err
	}
	profiled := r.profile(ctx, true, caseStreams, time.Duration(times)*time.Second)
	used, read := r.ours.used(), processorTime()
	// The others who hold the role have no stream open.
	all, err := ours.heard(ctx, times, count, r.emergency("volunteer"))
	used, read = r.ours.used()-used, processorTime()-read
	ours.close()
	if err = errors.Join(err, <-profiled); err != nil {
		return err
	}
	bareSquad, bareAll, err := bareReceipts(ctx, times, count)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		whom       string
		took, bare []time.Duration
	}{{fmt.Sprintf("a squad of %d", squadSize), squad, bareSquad}, {"everybody", all, bareAll}} {
		median, highest := percentile(one.took, 0.5), percentile(one.took, 0.99)
		bareMedian, bareHighest := percentile(one.bare, 0.5), percentile(one.bare, 0.99)
		if _, err := fmt.Fprintf(out, "%s (%s), %d open streams, to %s: from the request to the receipt p50 %.1f ms, wanted %s: %s; "+
			"p99 %.1f ms, wanted %s: %s; bare p50 %.1f ms, p99 %.1f ms\n", caseStreams, r.database.kind, count, one.whom,
			inMillis(median), streamsMedian, verdict(median <= streamsMedian),
			inMillis(highest), streamsHighest, verdict(highest <= streamsHighest), inMillis(bareMedian), inMillis(bareHighest)); err != nil {
			return err
		}
	}
	// The alert's own part and that of the ledger are in it.
	_, err = fmt.Fprintf(out, "processor time for one receipt of those to everybody: the product's %d µs, the generator's %d µs\n",
		used.Microseconds()/int64(times*count), read.Microseconds()/int64(times*count))
	return err
}

// streamers makes people with sessions, and gives the request that opens the stream of each.
func (r *rig) streamers(ctx context.Context, count int) ([]string, error) {
	whole, members := models.Place{Station: r.station.place.Station}, []member{}
	err := r.store.Atomically(ctx, func(tx *store.Store) error {
		members = members[:0]
		writing := writer{tx: tx, now: time.Now(), station: r.station}
		for number := range count {
			who, err := writing.person(ctx, models.RoleVolunteer, whole, fmt.Sprint("bench-listener-", number))
			if err == nil && number < squadSize {
				err = tx.AddGrant(ctx, models.Grant{
					ID: newID(), PersonID: who.id, Role: models.RoleActivist, Place: whole, StartsAt: writing.now.Add(-time.Minute),
				}, writing.now)
			}
			if err != nil {
				return err
			}
			members = append(members, who)
		}
		return nil
	})
	requests := make([]string, 0, count)
	for _, who := range members {
		token, failed := r.tokens.Issue(auth.Claims{
			Subject: who.id, Session: who.session, Station: whole.Station, Roles: who.roles,
		}, time.Now())
		err = errors.Join(err, failed)
		requests = append(requests, "GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token.Reveal()+"\r\n\r\n")
	}
	return requests, err
}

// emergency sends one to the holders of a role.
func (r *rig) emergency(role string) func() error {
	return func() error {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(request)
		defer fasthttp.ReleaseResponse(response)
		request.SetRequestURI("http://" + r.our.Addr + "/v1/alerts")
		request.Header.SetMethod(fasthttp.MethodPost)
		request.Header.SetContentType("application/json")
		request.Header.SetBytesV("Authorization", r.station.commander.bearer)
		request.Header.Set("Idempotency-Key", string(newID()))
		request.SetBodyString(fmt.Sprintf(`{"kind":"warning","severity":"emergency","title":"紧急","body":"请立即撤离",`+
			`"audience":{"roles":["%s"],"scope":{"kind":"station","id":"%s"}}}`, role, r.station.place.Station))
		if err := r.our.Do(request, response); err != nil {
			return err
		}
		if response.StatusCode() != fasthttp.StatusCreated {
			return fmt.Errorf("an emergency: %d %s", response.StatusCode(), response.Body())
		}
		return nil
	}
}

// bareReceipts is the same of the bare program, which runs in a process of its own as the product does.
func bareReceipts(ctx context.Context, times, count int) (squad, all []time.Duration, err error) {
	fake, err := startFakeProgram(ctx, bareStreams)
	if err != nil {
		return nil, nil, err
	}
	defer fake.close()
	opened, err := listen(fake.endpoint, slices.Repeat([]string{"GET\n"}, count))
	if err != nil {
		return nil, nil, err
	}
	defer opened.close()
	say := func(receivers int) func() error {
		return func() error {
			conn, err := net.Dial("tcp", fake.endpoint)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(conn, "%d\n", receivers)
			return errors.Join(err, conn.Close())
		}
	}
	if squad, err = opened.heard(ctx, 2*times, squadSize, say(squadSize)); err == nil {
		all, err = opened.heard(ctx, times, count, say(count))
	}
	return squad, all, err
}

// beBareStreams keeps connections and writes an event to the first so many when it is told a number.
func beBareStreams() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	event := []byte("id: " + zeroID + "\nevent: alert\n" +
		"data: {\"alert_id\":\"" + zeroID + "\",\"text\":\"" + strings.Repeat("x", 300) + "\"}\n\n")
	mutex, bells := sync.Mutex{}, []chan struct{}{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				line, _ := bufio.NewReader(conn).ReadString('\n')
				if line != "GET\n" {
					number := 0
					_, _ = fmt.Sscan(line, &number)
					mutex.Lock()
					defer mutex.Unlock()
					for _, bell := range bells[:min(number, len(bells))] {
						bell <- struct{}{}
					}
					return
				}
				bell := make(chan struct{}, 1)
				mutex.Lock()
				bells = append(bells, bell)
				mutex.Unlock()
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\n: open\n")
				for range bell {
					if _, err := conn.Write(event); err != nil {
						return
					}
				}
			}()
		}
	}()
	if _, err := fmt.Println(listener.Addr()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, listener.Close())
}
