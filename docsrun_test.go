package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDocsCommandsRun pastes the sh blocks of the documents into a shell beside a running demo, as a
// reader would, and compares with the answers that the documents show.
func TestDocsCommandsRun(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	folder := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	out, ended := &lines{}, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--addr=127.0.0.1:0", "--data=" + filepath.Join(folder, "data/demo")}, out, out)
	}()
	t.Cleanup(func() {
		stop()
		if status := <-ended; status != 0 {
			t.Errorf("the demo ended with status %d:\n%s", status, out)
		}
	})
	const slowStart = 2 * time.Minute // with the race detector on a busy machine
	for deadline := time.Now().Add(slowStart); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(folder, "data/demo/demo-accounts.json")); err == nil {
			break
		}
		if len(ended) > 0 || time.Now().After(deadline) {
			t.Fatalf("the demo did not come up:\n%s", out)
		}
	}
	for _, path := range []string{"README.md", "docs/api-guide.md"} {
		t.Run(path, func(t *testing.T) { runDocument(t, path, folder) })
	}
}

// runDocument runs all sh blocks of a document in one shell.
func runDocument(t *testing.T, path, folder string) {
	const mark = "\x1e"
	script := strings.Builder{}
	steps, answers := []string{}, []fence{}
	for _, block := range fences(readDoc(t, path)) {
		switch last := len(steps) - 1; {
		case block.kind == "sh":
			script.WriteString(block.text + "printf '" + mark + "'\n")
			steps, answers = append(steps, block.text), append(answers, fence{})
		case last >= 0 && (block.kind == "json" || block.kind == "text"):
			answers[last] = block
		}
	}
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script.String()) //nolint:gosec // our own documents
	command.Dir = folder
	problems := &lines{}
	command.Stderr = problems
	printed, err := command.Output()
	parts := strings.Split(string(printed), mark)
	shown := 0
	for at, got := range parts[:min(len(parts)-1, len(steps))] {
		if answers[at].kind == "" {
			continue
		}
		shown++
		if wrong := differs(answers[at], got); wrong != "" {
			t.Errorf("%s\nafter\n%s\nthe document shows\n%s\nand the answer was\n%s", wrong, steps[at], answers[at].text, got)
		}
	}
	if err != nil {
		t.Fatalf("step %d of %d: %v\n%s%s", len(parts), len(steps), err, problems, parts[len(parts)-1])
	}
	if shown < 7 {
		t.Errorf("only %d answers were compared", shown)
	}
}

// differs says what is wrong with an answer, "" when it is as shown.
func differs(shown fence, got string) string {
	if shown.kind == "text" {
		if strings.Join(strings.Fields(shown.text), " ") != strings.Join(strings.Fields(got), " ") {
			return "another text"
		}
		return ""
	}
	var want, have any
	if err := json.Unmarshal([]byte(shown.text), &want); err != nil {
		return "the document's JSON: " + err.Error()
	}
	if err := json.Unmarshal([]byte(got), &have); err != nil {
		return "the answer's JSON: " + err.Error()
	}
	return unlike("", want, have)
}

var (
	idPattern   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timePattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	// volatile are fields whose value is another one each time; the kind of value is compared.
	volatile = []string{"access_token", "refresh_token", "next_cursor", "chain_hash", "chain_seq", "clock_skew_ms"}
)

// unlike compares two JSON values: other ids and times are alike, everything else must be equal.
func unlike(field string, want, have any) string {
	name := field[strings.LastIndexAny(field, ".]")+1:]
	switch want := want.(type) {
	case map[string]any:
		other, _ := have.(map[string]any)
		if keys, others := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(other)); !slices.Equal(keys, others) {
			return fmt.Sprintf("%s has the fields %v and not %v", field, others, keys)
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if wrong := unlike(field+"."+key, want[key], other[key]); wrong != "" {
				return wrong
			}
		}
		return ""
	case []any:
		other, _ := have.([]any)
		if len(want) != len(other) {
			return fmt.Sprintf("%s has %d items", field, len(other))
		}
		for at := range want {
			if wrong := unlike(fmt.Sprintf("%s[%d]", field, at), want[at], other[at]); wrong != "" {
				return wrong
			}
		}
		return ""
	case string:
		other, ok := have.(string)
		if ok && (want == other || slices.Contains(volatile, name) && other != "" ||
			idPattern.MatchString(want) && idPattern.MatchString(other) ||
			timePattern.MatchString(want) && timePattern.MatchString(other)) {
			return ""
		}
	case float64:
		if other, ok := have.(float64); ok && (math.Abs(want-other) < 1e-6 || slices.Contains(volatile, name)) {
			return ""
		}
	default:
		if want == have {
			return ""
		}
	}
	return fmt.Sprintf("%s is %v and not %v", field, have, want)
}

func TestDocsComparisonCanFail(t *testing.T) {
	shown := fence{kind: "json", text: `{"id": "01939c1e-8a00-7000-8000-000000000951", "at": "2026-11-24T02:10:00.000Z", "state": "opened", "next_cursor": "x"}`}
	same := `{"at":"2027-01-01T00:00:00.123Z","id":"01939c1e-8a00-7000-8000-000000000952","next_cursor":"y","state":"opened"}`
	if wrong := differs(shown, same); wrong != "" {
		t.Error(wrong)
	}
	for old, other := range map[string]string{
		`"opened"`: `"failed"`, `"state":`: `"stat":`, `"01939c1e-8a00-7000-8000-000000000952"`: `"none"`, `"y"`: `null`, `"2027`: `"x027`,
	} {
		if differs(shown, strings.Replace(same, old, other, 1)) == "" {
			t.Errorf("%s for %s passes", other, old)
		}
	}
}
