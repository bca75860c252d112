package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"xunfang/models"
	"xunfang/push"
)

// caseFanout sends one alert to many phones through the SDK: by the product's worker, and by the SDK's own
// SendEachForMulticast, in one run against the same fake, which answers after fanoutDelay and runs in a process of its own.
const caseFanout = "push-fanout"

const (
	envFake      = "XUNFANG_BENCH_FAKE" // tells this program to be the fake
	fanoutDelay  = 50 * time.Millisecond
	fanoutBatch  = 500                            // the most that SendEachForMulticast takes
	fanoutRatio  = 8.0                            // promised
	fanoutMemory = 150 << 20                      // promised, bytes
	fanoutShare  = 10                             // so much less is sent by the slow way
	fanoutAlert  = "01939c1e-8a00-7000-8000-0000" // and eight digits
)

// measureFanout prints both speeds and their ratio, and how much memory the worker's side took at most.
func measureFanout(ctx context.Context, asked options, out io.Writer) error {
	fake, err := startFakeProgram(ctx, "1")
	if err != nil {
		return err
	}
	defer fake.close()
	addresses := asked.addresses
	if asked.quick {
		addresses = min(addresses, 5000)
	}
	multicast, err := bareMulticast(ctx, fake.endpoint, max(fanoutBatch, addresses/fanoutShare))
	if err != nil {
		return fmt.Errorf("SendEachForMulticast: %w", err)
	}
	runtime.GC()
	worker, memory, err := fanOut(ctx, asked, fake.endpoint, addresses)
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	ratio := worker / multicast
	_, err = fmt.Fprintf(out, "%s: %d addresses, %s an answer: %.0f/s; SendEachForMulticast %.0f/s\n  ratio %.2f, wanted at least %.0f: %s; "+
		"heap and stacks at most %d MB, wanted under %d: %s\n", caseFanout, addresses, fanoutDelay, worker, multicast,
		ratio, fanoutRatio, verdict(ratio >= fanoutRatio), memory>>20, fanoutMemory>>20, verdict(memory < fanoutMemory))
	return err
}

// bareMulticast is the SDK as it comes.
func bareMulticast(ctx context.Context, endpoint string, count int) (perSecond float64, err error) {
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: "demo"}, option.WithEndpoint(endpoint), option.WithoutAuthentication())
	if err != nil {
		return 0, err
	}
	client, err := app.Messaging(ctx)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	for first := 0; first < count; first += fanoutBatch {
		tokens := make([]string, min(fanoutBatch, count-first))
		for at := range tokens {
			tokens[at] = fanoutToken(first + at)
		}
		answer, err := client.SendEachForMulticast(ctx, &messaging.MulticastMessage{
			Tokens: tokens, Data: map[string]string{"alert_id": fanoutAlert + "00000000"},
		})
		if err != nil {
			return 0, err
		}
		if answer.FailureCount > 0 {
			return 0, fmt.Errorf("%d of %d failed", answer.FailureCount, len(tokens))
		}
	}
	return float64(count) / time.Since(begun).Seconds(), nil
}

// fanOut is the product's worker, with an outbox that makes up its rows: the database has measurements of its own.
func fanOut(ctx context.Context, asked options, endpoint string, count int) (perSecond float64, memory uint64, err error) {
	channel, err := push.NewFirebase(ctx, push.FirebaseConfig{Endpoint: endpoint, ProjectID: "demo", PerMinute: 1_000_000_000, Now: time.Now})
	if err != nil {
		return 0, 0, err
	}
	defer channel.Close()
	defer push.HeapFloor()() // as the product does
	outbox := &madeUp{count: count, done: make(chan struct{}), expires: time.Now().Add(time.Hour)}
	worker, err := push.NewWorker(outbox, map[string]push.Channel{"fcm_token": channel}, push.WorkerConfig{Owner: "bench", Now: time.Now})
	if err != nil {
		return 0, 0, err
	}
	profiled := func() {}
	if asked.profile != "" {
		if profiled, err = profileHere(asked.profile); err != nil {
			return 0, 0, err
		}
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	begun := time.Now()
	go func() { ended <- worker.Run(running) }()
	most := watchMemory(outbox.done)
	select {
	case <-outbox.done:
	case <-ctx.Done():
	}
	took := time.Since(begun)
	stop()
	profiled()
	if err := errors.Join(<-ended, ctx.Err()); err != nil {
		return 0, 0, err
	}
	if sent := worker.Stats().Sent; sent != uint64(count) { //nolint:gosec // not negative
		return 0, 0, fmt.Errorf("%d of %d were taken", sent, count)
	}
	return float64(count) / took.Seconds(), <-most, nil
}

// watchMemory looks ten times a second how much heap and stacks are in use, until done.
func watchMemory(done <-chan struct{}) <-chan uint64 {
	most := make(chan uint64, 1)
	go func() {
		highest, ticker := uint64(0), time.NewTicker(100*time.Millisecond)
		defer ticker.Stop()
		for {
			stats := runtime.MemStats{}
			runtime.ReadMemStats(&stats)
			highest = max(highest, stats.HeapInuse+stats.StackInuse)
			select {
			case <-ticker.C:
			case <-done:
				most <- highest
				return
			}
		}
	}()
	return most
}

func profileHere(folder string) (stop func(), err error) {
	file, err := os.Create(folder + "/" + caseFanout + ".pprof") //nolint:gosec // the folder is asked for
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}

// madeUp is an outbox of so many rows, each once.
type madeUp struct {
	count    int
	expires  time.Time
	next     int
	finished atomic.Int64
	once     sync.Once
	done     chan struct{}
}

// ClaimShares implements push.Outbox; the first share is Firebase's.
func (m *madeUp) ClaimShares(
	_ context.Context, _ string, shares []models.DeliveryShare, _ time.Duration, _ time.Time,
) ([]push.Delivery, error) {
	limit := shares[0].Ordinary
	if shares[0].Channels[0] != models.ChannelFCM {
		return nil, nil
	}
	claimed := make([]push.Delivery, 0, limit)
	for ; m.next < m.count && len(claimed) < limit; m.next++ {
		id := models.ID(fmt.Sprintf("%s%08d", fanoutAlert, m.next))
		delivery := push.Delivery{ID: id, PersonID: id, InstallationID: "phone", Kind: "fcm_token", Attempt: 1}
		delivery.Message = push.Message{
			AlertID: id, Kind: "warning", Severity: models.SeverityHigh, ExpiresAt: m.expires,
			Address: models.Secret(fanoutToken(m.next)), Platform: "android", Locale: "zh-CN",
		}
		claimed = append(claimed, delivery)
	}
	return claimed, nil
}

// FinishDeliveries implements push.Outbox.
func (m *madeUp) FinishDeliveries(_ context.Context, _ string, results []push.Result, _ time.Time) error {
	if int(m.finished.Add(int64(len(results)))) >= m.count {
		m.once.Do(func() { close(m.done) })
	}
	return nil
}

func fanoutToken(number int) string {
	return fmt.Sprintf("bench-token-%08d-%s", number, strings.Repeat("x", 130))
}

// fakeProgram is this program once more, as the fake.
type fakeProgram struct {
	command  *exec.Cmd
	input    io.Closer
	endpoint string
}

func startFakeProgram(ctx context.Context, which string) (*fakeProgram, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, own) //nolint:gosec // ourselves
	command.Env, command.Stderr = append(os.Environ(), envFake+"="+which), os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the fake did not start: %w", err), command.Process.Kill(), command.Wait())
	}
	return &fakeProgram{command: command, input: input, endpoint: strings.TrimSpace(line)}, nil
}

func (f *fakeProgram) close() {
	_ = f.input.Close()
	_ = f.command.Wait()
}

// beTheFake takes every message after fanoutDelay, until nobody is at the other end of its input. It looks at nothing: what a
// message must be like is fcmfake's affair and that of the tests, and its work would count as everybody's here.
func beTheFake() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	taken := atomic.Int64{}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: protocols, ReadHeaderTimeout: 5 * time.Second, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100},
		Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			_, _ = io.Copy(io.Discard, request.Body)
			time.Sleep(fanoutDelay)
			response.Header().Set("Content-Type", "application/json; charset=UTF-8")
			_, _ = fmt.Fprintf(response, `{"name": "projects/demo/messages/0:%d%%fake"}`, taken.Add(1))
		}),
	}
	go func() { _ = server.Serve(listener) }()
	if _, err := fmt.Printf("http://%s/v1\n", listener.Addr()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, server.Close())
}
