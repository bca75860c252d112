package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// browser is a Chromium of the test's own, driven by the W3C WebDriver protocol: https://www.w3.org/TR/webdriver2/.
type browser struct {
	t       *testing.T
	session string // its address
}

// element is the name under which the protocol hands out elements.
const element = "element-6066-11e4-a52e-4f735466cecf"

var driverReady = regexp.MustCompile(`started successfully on port (\d+)`)

// newBrowser starts Chromium with a small screen, without JavaScript, in a language. It skips, loudly, where there is none.
func newBrowser(t *testing.T, language string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("NOT TESTED IN A BROWSER: no chromium here; tools/needs.sh chromium chromedriver zbarimg installs it")
	}
	driver, err := exec.LookPath("chromedriver")
	if err != nil {
		t.Skip("NOT TESTED IN A BROWSER: no chromedriver here; tools/needs.sh chromium chromedriver zbarimg installs it")
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, driver, "--port=0")
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	b := &browser{t: t}
	t.Cleanup(func() {
		defer func() { // also when the browser does not answer, which ends this function
			cancel()
			_ = command.Wait()
		}()
		if b.session != "" {
			b.do(http.MethodDelete, "", nil)
		}
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := driverReady.FindStringSubmatch(lines.Text()); found != nil {
			b.session = "http://127.0.0.1:" + found[1] + "/session"
			break
		}
	}
	options := map[string]any{
		"binary": program,
		"args": []string{
			"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + filepath.Join(t.TempDir(), "profile"),
		},
		"prefs":           map[string]any{"intl.accept_languages": language, "profile.managed_default_content_settings.javascript": 2},
		"mobileEmulation": map[string]any{"deviceMetrics": map[string]any{"width": 320, "height": 568, "pixelRatio": 1.5}},
	}
	made := b.do(http.MethodPost, "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{"goog:chromeOptions": options}}})
	answer, _ := made.(map[string]any)
	b.session += fmt.Sprint("/", answer["sessionId"])
	return b
}

// do sends one command and gives its value.
func (b *browser) do(method, path string, body any) any {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	if method != http.MethodPost { // the driver takes no body of these
		text = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, b.session+path, bytes.NewReader(text))
	if err != nil {
		b.t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	answer := struct{ Value any }{}
	if err := json.NewDecoder(got.Body).Decode(&answer); err != nil || got.StatusCode != http.StatusOK {
		b.t.Fatalf("the browser: %s %s: %d %v %v", method, path, got.StatusCode, answer.Value, err)
	}
	return answer.Value
}

func (b *browser) open(address string) {
	b.t.Helper()
	b.do(http.MethodPost, "/url", map[string]any{"url": address})
}

// address is where the browser is.
func (b *browser) address() string {
	b.t.Helper()
	text, _ := b.do(http.MethodGet, "/url", nil).(string)
	return text
}

func (b *browser) find(selector string) string {
	b.t.Helper()
	found, _ := b.do(http.MethodPost, "/element", map[string]any{"using": "css selector", "value": selector}).(map[string]any)
	return fmt.Sprint("/element/", found[element])
}

// text is what somebody reads there.
func (b *browser) text(selector string) string {
	b.t.Helper()
	text, _ := b.do(http.MethodGet, b.find(selector)+"/text", nil).(string)
	return text
}

func (b *browser) write(selector, text string) {
	b.t.Helper()
	b.do(http.MethodPost, b.find(selector)+"/value", map[string]any{"text": text})
}

// measure is a number that the browser computes, by the driver's own script, which the page's policy does not concern.
func (b *browser) measure(expression string) float64 {
	b.t.Helper()
	number, _ := b.do(http.MethodPost, "/execute/sync", map[string]any{"script": "return " + expression, "args": []any{}}).(float64)
	return number
}

// picture is what is on the screen at a place of the page, as PNG.
func (b *browser) picture(selector string) []byte {
	b.t.Helper()
	text, _ := b.do(http.MethodGet, b.find(selector)+"/screenshot", nil).(string)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}
