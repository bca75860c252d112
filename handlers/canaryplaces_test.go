package handlers_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"xunfang/push"
	"xunfang/push/fcmfake"
)

// everythingKept is the text of all that the service keeps or shows: each table, the files of SQLite, the log, the metrics.
func (r *rig) everythingKept() map[string]string {
	r.t.Helper()
	kept := map[string]string{"log": r.logs.all()}
	answer := httptest.NewRecorder()
	r.metrics.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	kept["metrics"] = answer.Body.String()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	path, file := strings.CutPrefix(r.store.Config().DSN, "sqlite:")
	if file {
		query = "SELECT name FROM sqlite_master WHERE type = 'table'"
		for _, name := range []string{path, path + "-wal"} {
			if text, err := os.ReadFile(name); err == nil { //nolint:gosec // the test's own
				kept["file xunfang.db"+strings.TrimPrefix(filepath.Base(name), filepath.Base(path))] = string(text)
			}
		}
	}
	for _, table := range r.column(query) {
		kept["table "+table] = r.dump(table)
	}
	_ = filepath.WalkDir(r.folder, func(path string, entry os.DirEntry, err error) error {
		if text, failed := os.ReadFile(path); err == nil && failed == nil { //nolint:gosec // the test's own
			kept["blobs"] += path + "\n" + string(text)
		}
		return nil
	})
	if backup, made := r.backup(); made {
		kept["backup"] = backup
	}
	return kept
}

func (r *rig) column(query string) []string {
	r.t.Helper()
	found, err := r.sql.Query(query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	texts := []string{}
	for found.Next() {
		text := ""
		if err := found.Scan(&text); err != nil {
			r.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return texts
}

// dump is every value of a table as text, those of columns of bytes as they are.
func (r *rig) dump(table string) string {
	r.t.Helper()
	found, err := r.sql.Query("SELECT * FROM " + table) //nolint:gosec // the database's own names
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	text := bytes.Buffer{}
	for found.Next() {
		values := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for at := range values {
			into[at] = &values[at]
		}
		if err := found.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		for _, value := range values {
			_, _ = fmt.Fprintf(&text, "%s\n", value)
		}
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return text.String()
}

// backup is the whole database as the README says it is to be saved. made says whether this machine has what is needed.
func (r *rig) backup() (text string, made bool) {
	r.t.Helper()
	if strings.HasPrefix(r.store.Config().DSN, "sqlite:") {
		path := filepath.Join(r.t.TempDir(), "backup.db")
		if _, err := r.sql.Exec("VACUUM INTO ?", path); err != nil {
			r.t.Fatal(err)
		}
		content, err := os.ReadFile(path) //nolint:gosec // the test's own
		if err != nil {
			r.t.Fatal(err)
		}
		return string(content), true
	}
	program, err := exec.LookPath("mariadb-dump")
	if errors.Is(err, exec.ErrNotFound) {
		program, err = exec.LookPath("mysqldump")
	}
	if err != nil {
		r.t.Log("there is no mariadb-dump: the backup is not searched")
		return "", false
	}
	config, err := mysql.ParseDSN(r.store.Config().DSN)
	if err != nil {
		r.t.Fatal(err)
	}
	host, port, _ := strings.Cut(config.Addr, ":")
	where := []string{"--host=" + host, "--port=" + port, "--protocol=tcp"}
	if config.Net == "unix" {
		where = []string{"--socket=" + config.Addr}
	}
	dump := exec.Command(program, append(where, // its comments name the server's address
		"--user="+config.User, "--single-transaction", "--hex-blob", "--skip-comments", config.DBName)...) //nolint:gosec // the test's own
	dump.Env = append(os.Environ(), "MYSQL_PWD="+config.Passwd)
	content, err := dump.Output()
	if err != nil {
		r.t.Fatalf("%s: %v", program, err)
	}
	return string(content), true
}

// overhear opens somebody's stream and gives what has come over it so far, as it came.
func (r *rig) overhear(who *caller) func() string {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	request := r.request(r.token(who), http.MethodGet, "/v1/stream", nil, "Accept", "text/event-stream")
	answer, err := client.Do(request.WithContext(ctx))
	if err != nil || answer.StatusCode != http.StatusOK {
		cancel()
		r.t.Fatalf("the stream: %v %v", answer, err)
	}
	heard, ended := &logBook{}, make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(heard, answer.Body)
	}()
	r.t.Cleanup(func() {
		cancel()
		_ = answer.Body.Close()
		<-ended
	})
	until(r.t, "the stream", func() bool { return strings.Contains(heard.all(), ": open") })
	return heard.all
}

// pushBook is all that reaches Firebase, by the phone that it goes to.
type pushBook struct {
	mutex sync.Mutex
	texts map[string]string
}

func (b *pushBook) all() map[string]string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return maps.Clone(b.texts)
}

// pushes sends what is queued through the real SDK to a fake Firebase, until the test ends. The phone of a receipt is gone
// at its second message.
func (r *rig) pushes() *pushBook {
	r.t.Helper()
	fake, book := fcmfake.New(), &pushBook{texts: map[string]string{}}
	fake.Script("canary-push-7f3a", fcmfake.OK, fcmfake.Unregistered)
	r.sendThrough(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		to := "nobody known"
		for _, address := range []string{"phone-of-the-guard", "canary-push-7f3a"} {
			if bytes.Contains(body, []byte(address)) {
				to = address
			}
		}
		book.mutex.Lock()
		book.texts[to] += fmt.Sprint(request.URL, request.Header) + string(body) + "\n"
		book.mutex.Unlock()
		request.Body = io.NopCloser(bytes.NewReader(body))
		fake.ServeHTTP(writer, request)
	}), push.FirebaseConfig{}, push.WorkerConfig{Poll: 10 * time.Millisecond}, fake.Close)
	return book
}

// planted is what is no secret, and so must be found.
type planted struct{ word, checkpoint, alert, photo string }

// plantControl writes, in every place that is searched, something that is to be found there.
func (r *rig) plantControl() planted {
	r.t.Helper()
	control := planted{word: "canary-control-7f3a"}
	control.checkpoint = r.call(r.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
		"name": control.word, "position": somewhere, "methods": []string{"gps"},
	}, "X-Request-Id", control.word).must(201).text("id")
	body := alertTo("compound", r.One.ID(), "officer", "volunteer", "guard", "resident")
	body["title"] = control.word
	control.alert = r.alert(r.Commander, body).must(201).text("id")
	toCommander := alertTo("station", r.A, "commander")
	toCommander["title"] = control.word
	r.alert(r.Commander, toCommander).must(201)
	shown := r.call(r.Volunteer, http.MethodGet, "/v1/media/"+string(r.photo(r.Volunteer)), nil).must(200).Text
	control.photo = shown[len(shown)/2 : len(shown)/2+32] // of a picture in the open, as it lies on the disk
	return control
}

// everythingSent is the text of all that leaves the service by itself or is handed out whole: streams, pushes, the audit.
func (r *rig) everythingSent(pushed *pushBook, streams map[*caller]func() string) map[string]string {
	r.t.Helper()
	sent := map[string]string{}
	for who, heard := range streams {
		until(r.t, "the control in the stream of "+who.Name, func() bool { return strings.Contains(heard(), "canary-control-7f3a") })
		sent["stream of "+who.Name] = heard()
	}
	until(r.t, "two pushes", func() bool {
		return len(pushed.all()) == 2 && strings.Count(pushed.all()["phone-of-the-guard"], "\n") == 2
	})
	for to, text := range pushed.all() {
		sent["push to "+to] = text
	}
	for cursor := ""; ; {
		page := r.call(r.Commander, http.MethodGet, "/v1/audit-entries?limit=100"+cursor, nil).must(200)
		sent["audit export"] += page.Text
		next := page.text("next_cursor")
		if next == "" {
			return sent
		}
		cursor = "&cursor=" + next
	}
}
