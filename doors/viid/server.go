package viid

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"xunfang/models"
)

const (
	sessionLife = 5 * time.Minute // after the last message; devices send Keepalive every 30 to 90 s
	maxAtOnce   = 32              // messages that are read at the same time
	maxFailed   = 10              // wrong answers of one address before it waits
	failedLife  = time.Minute
	maxFailing  = 1024 // addresses that are remembered
	maxSighted  = 20   // marked faces of one device in a minute
	sinkTime    = 15 * time.Second
)

// Account is one device that may register, and whose it is here.
type Account struct {
	VIID      string        `json:"viid_id"`   // the 20 digits that it calls itself
	DeviceID  models.ID     `json:"device_id"` // of ours: its place is where things happen
	Password  models.Secret `json:"password"`
	Direction string        `json:"direction"` // in or out: which way vehicles pass it; "" where none do

	zone *time.Location // of the clocks at the device, while a message of it is answered
}

// Sighting is a face that the device marks: when, and where its picture is kept.
type Sighting struct{ Ref, Camera, At, Picture string }

// Passage is a vehicle that passed. Reliability is in percent, as the device says.
type Passage struct{ Ref, Plate, Reliability, At, Lane, Direction string }

// Sink takes what comes. Errors that are models.Error refuse one object; any other is the server's own failure.
type Sink interface {
	Sighted(ctx context.Context, device models.ID, seen Sighting) error
	Passed(ctx context.Context, device models.ID, passed Passage) error
	// Zone gives the zone of the clocks at the device: it writes its times by them, and sets its own by LocalTime.
	Zone(ctx context.Context, device models.ID) (*time.Location, error)
}

// Config is what a server is made of.
type Config struct {
	Accounts []Account
	Sink     Sink
	Random   io.Reader
	Now      func() time.Time
	Logger   *slog.Logger
}

// Server answers devices. What it keeps in memory may be lost: they register again.
type Server struct {
	config   Config
	accounts map[string]Account
	mutex    sync.Mutex
	nonces   map[string]time.Time // until when
	sessions map[string]session   // by VIID
	failing  map[string]counted   // by address
	sighted  map[string]counted   // by VIID
	places   chan struct{}
}

type session struct {
	address string
	until   time.Time
}

type counted struct {
	times int
	until time.Time
}

// New makes a server.
func New(config Config) *Server {
	made := &Server{
		config: config, accounts: map[string]Account{}, nonces: map[string]time.Time{}, sessions: map[string]session{},
		failing: map[string]counted{}, sighted: map[string]counted{}, places: make(chan struct{}, maxAtOnce),
	}
	for _, account := range config.Accounts {
		made.accounts[account.VIID] = account
	}
	return made
}

// Run serves a listener until ctx ends.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	handle := map[string]func(http.ResponseWriter, *http.Request, Account, message){
		"/VIID/System/Register": s.register, "/VIID/System/Keepalive": s.keepalive, "/VIID/System/UnRegister": s.unregister,
		"/VIID/Faces": s.faces, "/VIID/MotorVehicles": s.vehicles,
	}[request.URL.Path]
	switch {
	case handle == nil:
		http.NotFound(answer, request)
		return
	case request.Method != http.MethodPost:
		answer.Header().Set("Allow", http.MethodPost)
		answer.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		answer.Header().Set("Retry-After", "1")
		answer.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	account, why := s.caller(request)
	if why.code != 0 { // before anything of the body is read
		s.refuse(answer, why)
		return
	}
	if zone, err := s.config.Sink.Zone(request.Context(), account.DeviceID); err == nil {
		account.zone = zone
	}
	read, err := decode(http.MaxBytesReader(answer, request.Body, maxBody))
	if err != nil {
		code := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) || errors.Is(err, errTooMuch) {
			code = http.StatusRequestEntityTooLarge
		}
		s.write(answer, code, statusAnswer{s.status(request, account, account.VIID, statusInvalidJSON)})
		return
	}
	handle(answer, request, account, read)
}

func (s *Server) register(answer http.ResponseWriter, request *http.Request, account Account, read message) {
	if string(read.RegisterObject.DeviceID) != account.VIID {
		s.write(answer, http.StatusOK, statusAnswer{s.status(request, account, account.VIID, statusInvalid)})
		return
	}
	s.mutex.Lock()
	s.sessions[account.VIID] = session{addressOf(request), s.config.Now().Add(sessionLife)}
	s.mutex.Unlock()
	s.config.Logger.Info("a GA/T 1400 device has registered", "device_id", string(account.DeviceID))
	s.write(answer, http.StatusOK, statusAnswer{s.status(request, account, account.VIID, statusOK)})
}

func (s *Server) keepalive(answer http.ResponseWriter, request *http.Request, account Account, _ message) {
	s.write(answer, http.StatusOK, statusAnswer{s.status(request, account, account.VIID, statusOK)})
}

func (s *Server) unregister(answer http.ResponseWriter, request *http.Request, account Account, _ message) {
	s.mutex.Lock()
	delete(s.sessions, account.VIID)
	s.mutex.Unlock()
	s.write(answer, http.StatusOK, statusAnswer{s.status(request, account, account.VIID, statusOK)})
}

// faces passes marked ones on. Of all others nothing is kept, not even how many.
func (s *Server) faces(answer http.ResponseWriter, request *http.Request, account Account, read message) {
	answers := newAnswers()
	for _, one := range read.FaceListObject.FaceObject {
		code := statusOK
		if one.marked() && s.flooded(account.VIID) {
			code = statusBusy
		} else if one.marked() {
			code = s.passOn(request, func(ctx context.Context) error {
				return s.config.Sink.Sighted(ctx, account.DeviceID, one.sighting())
			})
		}
		answers.add(s.status(request, account, string(one.FaceID), code))
	}
	s.write(answer, http.StatusOK, answers)
}

// flooded says whether a device marks more faces than anybody could look at.
func (s *Server) flooded(name string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now, sent := s.config.Now(), s.sighted[name]
	if !now.Before(sent.until) {
		sent = counted{until: now.Add(failedLife)}
	}
	sent.times++
	s.sighted[name] = sent
	return sent.times > maxSighted
}

// vehicles passes on those that have a plate, where it is known which way they pass.
func (s *Server) vehicles(answer http.ResponseWriter, request *http.Request, account Account, read message) {
	answers := newAnswers()
	for _, one := range read.MotorVehicleListObject.MotorVehicleObject {
		code := statusOK
		if one.plated() && account.Direction != "" {
			code = s.passOn(request, func(ctx context.Context) error {
				return s.config.Sink.Passed(ctx, account.DeviceID, Passage{
					Ref: string(one.MotorVehicleID), Plate: string(one.PlateNo), Reliability: string(one.PlateReliability),
					At: string(one.PassTime), Lane: string(one.LaneNo), Direction: account.Direction,
				})
			})
		}
		answers.add(s.status(request, account, string(one.MotorVehicleID), code))
	}
	s.write(answer, http.StatusOK, answers)
}

// newAnswers is an empty list, which is a list too.
func newAnswers() statusListAnswer {
	made := statusListAnswer{}
	made.ResponseStatusListObject.ResponseStatusObject = []status{}
	return made
}

func (a *statusListAnswer) add(one status) {
	a.ResponseStatusListObject.ResponseStatusObject = append(a.ResponseStatusListObject.ResponseStatusObject, one)
}

func (s *Server) passOn(request *http.Request, pass func(ctx context.Context) error) string {
	ctx, cancel := context.WithTimeout(request.Context(), sinkTime)
	defer cancel()
	err := pass(ctx)
	ours := new(models.Error)
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &ours):
		return statusInvalid
	default:
		s.config.Logger.ErrorContext(ctx, "what a GA/T 1400 device sent could not be taken", "error", err)
		return statusOther
	}
}

func (s *Server) status(request *http.Request, account Account, id, code string) status {
	words := map[string]string{
		statusOK: "OK", statusOther: "Other Error", statusBusy: "Device Busy", statusInvalid: "Invalid Operation",
		statusInvalidJSON: "Invalid JSON Format",
	}[code]
	local := "" // rather none than a wrong one
	if account.zone != nil {
		local = s.config.Now().In(account.zone).Format("20060102150405")
	}
	return status{ID: id, RequestURL: request.URL.Path, StatusCode: code, StatusString: words, LocalTime: local}
}

func (s *Server) write(answer http.ResponseWriter, code int, body any) {
	answer.Header().Set("Content-Type", "application/VIID+JSON;charset=UTF-8")
	answer.WriteHeader(code)
	_ = json.NewEncoder(answer).Encode(body) // plain strings; who has gone need not hear it
}
