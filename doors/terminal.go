package doors

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"xunfang/models"
)

const (
	terminalRefresh = time.Minute     // between two questions for the list
	terminalAnswer  = 3 * time.Second // how long a visitor stands before the server counts as away
	scannedTyped    = "XF1.V."        // begins a QR code that is read as if it had been typed
)

// TerminalKeys are the functions of package auth that a controller needs.
type TerminalKeys struct {
	Command func(jws string) ([]byte, error)
	List    func(jws string, device models.ID) (models.AllowList, error)
	Pass    func(text string) (models.SignedPass, error)
	Hash    func(secret models.Secret, list models.AllowList, code models.VisitorCode) string
	Sign    func(secret models.Secret, timestamp string, body []byte) string // of a batch of events
}

// TerminalConfig is what a Terminal is made of.
type TerminalConfig struct {
	Server string // address of the API, as https://host
	Broker string
	Keys   TerminalKeys
	NewID  func() models.ID
	Now    func() time.Time // the controller's own clock
	Client *http.Client     // nil: one of its own
	Logger *slog.Logger     // nil: silent
}

// Terminal is a whole simulated controller: Controller for the broker, the server's HTTPS interface beside it, and OfflinePanel for
// when there is neither. It follows docs/controllers.md and docs/offline-doors.md.
type Terminal struct {
	config TerminalConfig
	cut    atomic.Bool  // the line is cut
	ahead  atomic.Int64 // seconds that the server's clock is ahead of ours, by its last answer

	mutex      sync.Mutex
	device     models.ID
	doors      []models.ID
	secret     models.Secret
	keyedBy    models.Secret // the secret that the list held is keyed by
	token      models.Secret
	locks      map[models.ID]*Lock
	panel      *OfflinePanel
	controller *Controller // nil: no connection to the broker

	refreshing sync.Mutex // of what follows, and of everything that is told
	tag        string     // ETag of the list held
	known      int        // uses that the server had acknowledged when it last answered
	epoch      string
	numbers    map[models.ID]int64 // of the uses, by which the server knows a repeat
	last       int64
}

// Entry is what a terminal decided.
type Entry struct {
	Open    bool
	Offline bool                 // by its list: the server was away
	Why     models.OfflineReason // it stayed shut without the server
}

// NewTerminal makes one as it comes out of its box: it knows no device id and has no secret.
func NewTerminal(config TerminalConfig) *Terminal {
	if config.Client == nil {
		config.Client = &http.Client{Timeout: answerLimit}
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Terminal{config: config, locks: map[models.ID]*Lock{}, epoch: string(config.NewID()), numbers: map[models.ID]int64{}}
}

// Claim provisions the terminal by the claim code that an installer types in, and switches it on. An answer that was lost is asked for
// again under the same nonce.
func (t *Terminal) Claim(ctx context.Context, code models.Secret) error {
	bits := make([]byte, nonceBytes)
	_, _ = rand.Read(bits) // never fails, see randomHex
	body := map[string]string{
		"claim_code": code.Reveal(), "nonce": base64.RawURLEncoding.EncodeToString(bits), "firmware": simulated, "model": "simulated",
	}
	answer := struct {
		DeviceID models.ID     `json:"device_id"`
		Secret   models.Secret `json:"secret"`
		DoorIDs  []models.ID   `json:"door_ids"`
	}{}
	_, err := t.ask(ctx, http.MethodPost, "/v1/device-claims", body, &answer)
	if errors.Is(err, errServerAway) {
		_, err = t.ask(ctx, http.MethodPost, "/v1/device-claims", body, &answer)
	}
	if err != nil {
		return err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.device, t.secret, t.keyedBy, t.token, t.doors = answer.DeviceID, answer.Secret, answer.Secret, "", answer.DoorIDs
	for _, door := range t.doors {
		if t.locks[door] == nil {
			t.locks[door] = &Lock{}
		}
	}
	t.panel = NewOfflinePanel(OfflineConfig{
		DeviceID:   t.device,
		VerifyList: func(jws string) (models.AllowList, error) { return t.config.Keys.List(jws, answer.DeviceID) },
		VerifyPass: t.config.Keys.Pass, NewID: t.config.NewID, Now: t.config.Now,
		Hash: func(list models.AllowList, code models.VisitorCode) string {
			t.mutex.Lock()
			defer t.mutex.Unlock()
			return t.config.Keys.Hash(t.keyedBy, list, code)
		},
	})
	return t.connect()
}

// connect begins a connection to the broker with the secret of now. The mutex is held.
func (t *Terminal) connect() error {
	made, err := NewController(ControllerConfig{
		URL: t.config.Broker, DeviceID: t.device, Secret: t.secret, DoorIDs: t.doors, Verify: t.config.Keys.Command, Now: t.config.Now,
		Relay: func(door, _ models.ID) { t.release(door) }, Logger: t.config.Logger,
	})
	if err != nil {
		return err
	}
	t.controller = made
	return made.Start()
}

// Run keeps the list fresh, and tells what was opened without the server, until the context ends.
func (t *Terminal) Run(ctx context.Context) {
	tick := time.NewTicker(terminalRefresh)
	defer tick.Stop()
	for {
		if err := t.Refresh(ctx); err != nil {
			t.config.Logger.Info("list not refreshed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Enter decides about a code that was typed, with its extension where the visitor gave it. The server decides while it can be reached.
func (t *Terminal) Enter(ctx context.Context, door models.ID, code models.VisitorCode) (Entry, error) {
	body := map[string]string{"code": code.Code.Reveal()}
	if code.Extension != "" {
		body["extension"] = code.Extension.Reveal()
	}
	return t.enter(ctx, door, body, func() models.OfflineReason { return t.panel.Type(door, code) })
}

// Scan decides about a QR code.
func (t *Terminal) Scan(ctx context.Context, door models.ID, text string) (Entry, error) {
	return t.enter(ctx, door, map[string]string{"code": text}, func() models.OfflineReason {
		if typed, old := strings.CutPrefix(text, scannedTyped); old {
			parts := append(strings.Split(typed, "."), "", "")
			return t.panel.Type(door, models.VisitorCode{Code: models.Secret(parts[0]), Extension: models.Secret(parts[1])})
		}
		return t.panel.Scan(door, text)
	})
}

func (t *Terminal) enter(
	ctx context.Context, door models.ID, body map[string]string, alone func() models.OfflineReason,
) (Entry, error) {
	if t.Lock(door) == nil {
		return Entry{}, errors.New("doors: not a door of this terminal")
	}
	limited, cancel := context.WithTimeout(ctx, terminalAnswer)
	defer cancel()
	answer := struct {
		Decision string `json:"decision"`
	}{}
	_, err := t.signed(limited, http.MethodPost, "/v1/doors/"+string(door)+"/code-entries", body, &answer,
		"Idempotency-Key", string(t.config.NewID()))
	entry := Entry{Open: answer.Decision == models.DecisionOpen}
	if errors.Is(err, errServerAway) && ctx.Err() == nil {
		why := alone()
		entry, err = Entry{Open: why == "", Offline: true, Why: why}, nil
	}
	if err == nil && entry.Open {
		t.release(door)
	}
	return entry, err
}

// release is the relay of a door. Nothing here can hold a lock shut: see Lock.
func (t *Terminal) release(door models.ID) {
	if lock := t.Lock(door); lock != nil {
		lock.Pulse(pulseLength)
	}
}

// Lock is the lock of one of the terminal's doors; nil for another's. It works whatever becomes of the terminal.
func (t *Terminal) Lock(door models.ID) *Lock {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.locks[door]
}

// Ready says whether the terminal is connected to the broker.
func (t *Terminal) Ready() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.controller != nil && t.controller.Ready()
}

// Device is the id that the terminal was given.
func (t *Terminal) Device() models.ID {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.device
}

// Secret is the device's, as it stands on the terminal's own disk.
func (t *Terminal) Secret() models.Secret {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.secret
}

// Cut cuts the line: neither broker nor server can be reached from here on.
func (t *Terminal) Cut() {
	t.cut.Store(true)
	t.disconnect(false)
}

// Mend joins the line again, and has the terminal tell what it did meanwhile.
func (t *Terminal) Mend(ctx context.Context) error {
	t.cut.Store(false)
	t.mutex.Lock()
	err := t.connect()
	t.mutex.Unlock()
	if err != nil {
		return err
	}
	return t.Refresh(ctx)
}

// Stop switches the terminal off.
func (t *Terminal) Stop() { t.disconnect(true) }

func (t *Terminal) disconnect(goodbye bool) {
	t.mutex.Lock()
	controller := t.controller
	t.controller = nil
	t.mutex.Unlock()
	if controller != nil {
		controller.Stop(goodbye)
	}
}
