package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// programs are the two that are measured, built for this run.
type programs struct {
	folder string
	ours   string
	bare   string
}

// buildPrograms builds both from the module that the current folder is in. folder is where the
// databases will lie; "" for a temporary one.
func buildPrograms(ctx context.Context, folder string) (*programs, error) {
	made, err := os.MkdirTemp(folder, "xunfang-bench-")
	if err != nil {
		return nil, err
	}
	built := &programs{folder: made, ours: filepath.Join(made, "xunfang"), bare: filepath.Join(made, "bare")}
	for binary, name := range map[string]string{built.ours: "xunfang", built.bare: "xunfang/bench/bare"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, name) //nolint:gosec // our own names
		if output, err := build.CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("building %s: %w\n%s", name, err, output), built.remove())
		}
	}
	return built, nil
}

func (p *programs) remove() error { return os.RemoveAll(p.folder) }

// process is one running program.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer // what it said, for when it fails
	ended   chan error
}

const (
	startWithin = 30 * time.Second
	stopWithin  = 15 * time.Second
)

// startProgram starts a program and waits until address answers.
func startProgram(ctx context.Context, binary, address string, environment []string, arguments ...string) (*process, error) {
	started := &process{command: exec.Command(binary, arguments...), ended: make(chan error, 1)} //nolint:gosec,noctx // stopped by stop
	started.command.Env = append(os.Environ(), environment...)
	started.command.Stdout, started.command.Stderr = &started.output, &started.output
	if err := started.command.Start(); err != nil {
		return nil, err
	}
	go func() { started.ended <- started.command.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		if answers(ctx, "http://"+address+"/healthz") {
			return started, nil
		}
		select {
		case err := <-started.ended:
			return nil, fmt.Errorf("%s ended at once: %w\n%s", filepath.Base(binary), err, started.output.String())
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%s does not answer: %w", filepath.Base(binary), ctx.Err()), started.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// stop asks the program to end, and ends it when it does not.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it had ended by itself: %w\n%s", err, p.output.String())
	}
	select {
	case err := <-p.ended:
		if ended := (&exec.ExitError{}); err != nil && !errors.As(err, &ended) { // the bare program just dies
			return err
		}
		return nil
	case <-time.After(stopWithin):
		return errors.Join(fmt.Errorf("%s did not stop", filepath.Base(p.command.Path)), p.command.Process.Kill())
	}
}

// freeAddresses gives loopback addresses that nobody listens on at this moment.
func freeAddresses(count int) ([]string, error) {
	addresses, listeners := []string{}, []net.Listener{}
	var err error
	for range count {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			break
		}
		listeners = append(listeners, listener)
		addresses = append(addresses, listener.Addr().String())
	}
	for _, listener := range listeners {
		err = errors.Join(err, listener.Close())
	}
	return addresses, err
}

// clockTicks is how many of its units /proc counts in a second; Linux tells programs 100 on every machine.
const clockTicks = 100

// used is the processor time that the program has used so far; 0 where it cannot be read.
func (p *process) used() time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	// The name, in brackets, may hold spaces; behind it stand the state and, as 12th and 13th, utime and stime.
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	ticks := 0
	for _, field := range fields[11:13] {
		count, err := strconv.Atoi(string(field))
		if err != nil {
			return 0
		}
		ticks += count
	}
	return time.Duration(ticks) * time.Second / clockTicks
}
