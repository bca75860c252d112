package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/doors"
	"xunfang/doors/hardware"
	"xunfang/doors/uhppote"
	"xunfang/doors/viid"
	"xunfang/handlers"
	"xunfang/media"
	"xunfang/models"
	"xunfang/push"
	"xunfang/reports"
	"xunfang/store"
	"xunfang/wake"
)

// service is the whole server, put together from settings.
type service struct {
	settings *settings
	log      *slog.Logger
	keys     *auth.Keys
	store    *store.Store
	server   *handlers.Server
	app      *api.App
	metrics  *api.Metrics
	broker   *doors.Broker // nil with an external one
	link     *doors.Link
	hardware *hardware.Hardware // doors of other makers
	sealer   *store.Sealer
	pusher   *push.Worker // nil when push is off
	wake     *wake.Line   // nil where this is the only replica
	folder   *media.Folder
	listener net.Listener

	metricsListener net.Listener // nil when metrics are off
	viidListener    net.Listener // nil where no cameras come
	workers         []worker     // what runs beside the API
}

func newID() models.ID { return models.ID(uuid.Must(uuid.NewV7()).String()) }

// newLogger writes one line per event to out.
func newLogger(s *settings, out io.Writer) *slog.Logger {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(s.LogLevel)) // settle has checked it
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// openStore opens the database of the settings with the keys that seal it.
func openStore(ctx context.Context, s *settings, keys *auth.Keys, log *slog.Logger) (*store.Store, error) {
	if path, file := strings.CutPrefix(s.Database, "sqlite:"); file {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
	}
	return store.Open(ctx, store.Config{
		DSN: s.Database, Logger: log, NewID: newID, AuditMAC: keys.AuditMAC, Vault: keys, Texts: s.SMSAlertTemplates != "",
		Voice: s.VoiceURL != "",
	})
}

// newService opens the database and everything that stands on it; nothing runs yet, but the
// listeners are open, so that a taken port is a start-up error.
func newService(ctx context.Context, s *settings, keys *auth.Keys, log *slog.Logger) (made *service, err error) {
	if s.Mode == "production" && keys.Demo() {
		return nil, errors.New("production does not start with demo keys (and their pepper): make new ones with xunfang keys new")
	}
	made = &service{settings: s, log: log, keys: keys, metrics: api.NewMetrics()}
	defer func() {
		if err != nil {
			made.close(context.WithoutCancel(ctx))
		}
	}()
	if made.store, err = openStore(ctx, s, keys, log); err != nil {
		return made, err
	}
	if err = made.prepareSchema(ctx); err != nil {
		return made, err
	}
	if err = made.refuseDemoAccounts(ctx); err != nil {
		return made, err
	}
	blobs, err := made.openBlobs(ctx)
	if err != nil {
		return made, err
	}
	if err = made.newServer(blobs); err != nil {
		return made, err
	}
	if err = made.newLink(); err != nil {
		return made, err
	}
	if err = made.newHardware(ctx); err != nil {
		return made, err
	}
	made.sealer = store.NewSealer(made.store, string(newID()), time.Now)
	if err = made.newPush(ctx); err != nil {
		return made, err
	}
	if err = made.newWake(); err != nil {
		return made, err
	}
	if err = made.newApp(); err != nil {
		return made, err
	}
	if err = made.listen(); err != nil {
		return made, err
	}
	made.workers = made.newWorkers()
	return made, nil
}

// listen opens the listeners of the API and of the metrics.
func (s *service) listen() (err error) {
	if s.listener, err = net.Listen("tcp", s.settings.Listen); err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if s.settings.MetricsListen != "off" {
		if s.metricsListener, err = net.Listen("tcp", s.settings.MetricsListen); err != nil {
			return fmt.Errorf("--metrics-listen: %w", err)
		}
	}
	if len(s.settings.viidAccounts) > 0 {
		if s.viidListener, err = net.Listen("tcp", s.settings.VIIDListen); err != nil {
			return fmt.Errorf("--viid-listen: %w", err)
		}
	}
	return nil
}

// serveVIID takes what cameras send in the manner of GA/T 1400.
func (s *service) serveVIID(ctx context.Context) error {
	return viid.New(viid.Config{
		Accounts: s.settings.viidAccounts, Sink: viidSink{s.server}, Random: rand.Reader, Now: time.Now, Logger: s.log,
	}).Run(ctx, s.viidListener)
}

func (s *service) newWorkers() []worker {
	workers := []worker{
		{"audit sealer", s.sealer.Run},
		{"cover counter", store.NewCoverageCounter(s.store, string(newID()), time.Now).Run},
		{"door link", s.link.Run},
		{"door hardware", s.hardware.Run},
		{"door commands", s.server.Settle},
		{"last positions", s.server.KeepPositions},
		{"calls for help", s.server.KeepSOS},
		{"rounds", s.server.KeepRounds},
		{"watch", s.server.KeepWatch},
		{"tips", s.server.KeepTips},
		{"held alerts", s.server.KeepHeldAlerts},
		{"ledger of alerts", s.server.KeepLedger},
		{"deliveries that are over", s.server.KeepDeliveries},
		{"ladders of alerts", s.server.KeepClimbs},
		{"quiet hours", s.server.KeepQuiet},
		{"webhooks of alerts", s.server.KeepAlertWebhooks},
		{"door alarms", s.server.KeepDoorAlarms},
		{"faces", s.server.KeepFaces},
		{"devices", s.server.KeepDevices},
		{"device connections", s.server.KeepConnections},
		{"repairs", s.server.KeepRepairs},
		{"calls at doors", s.server.KeepCalls},
		{"streams", s.server.KeepStreams},
		{"notices of groups", s.server.KeepNotices},
		{"tidying", s.server.KeepTidy},
	}
	if s.pusher != nil {
		workers = append(workers, worker{"push worker", s.pusher.Run})
	}
	if s.wake != nil {
		workers = append(workers, worker{"replicas", s.wake.Run})
	}
	if s.viidListener != nil {
		workers = append(workers, worker{"GA/T 1400", s.serveVIID})
	}
	if s.metricsListener != nil {
		workers = append(workers, worker{"metrics", s.serveMetrics})
	}
	return workers
}

func (s *service) prepareSchema(ctx context.Context) error {
	if s.settings.Migrate == "yes" {
		if err := s.store.Migrate(ctx); err != nil {
			return err
		}
	}
	return s.store.CheckSchema(ctx)
}

// refuseDemoAccounts keeps what the demonstration made out of production.
func (s *service) refuseDemoAccounts(ctx context.Context) error {
	if s.settings.Mode != "production" {
		return nil
	}
	demo, err := s.store.HasDemoAccounts(ctx)
	if err == nil && demo {
		err = errors.New("production does not start with demo accounts in the database: use a new one")
	}
	return err
}

func (s *service) openBlobs(ctx context.Context) (handlers.Blobs, error) {
	if s.settings.Media == "s3" {
		endpoint, tls := strings.CutPrefix(s.settings.S3Endpoint, "https://")
		blobs, err := media.NewS3(media.S3Settings{
			Endpoint: strings.TrimPrefix(endpoint, "http://"), TLS: tls, Bucket: s.settings.S3Bucket,
			Region: s.settings.S3Region, AccessKey: s.settings.S3AccessKey, SecretKey: s.settings.s3SecretKey,
		})
		if err != nil {
			return nil, err
		}
		return blobs, blobs.Check(ctx)
	}
	if err := os.MkdirAll(s.settings.Data, 0o700); err != nil {
		return nil, err
	}
	var err error
	s.folder, err = media.OpenFolder(filepath.Join(s.settings.Data, "media"))
	return s.folder, err
}

// newServer makes the handlers. What they reach doors and push through is set by newLink and newPush.
func (s *service) newServer(blobs handlers.Blobs) error {
	compiled, err := api.LoadContract(contract)
	if err != nil {
		return err
	}
	tokens, err := auth.NewTokens(s.keys, s.settings.Issuer, s.settings.Audience, models.AccessTokenLife)
	if err != nil {
		return err
	}
	sms, err := s.newSMS()
	if err != nil {
		return err
	}
	opener, err := s.newOpener()
	if err != nil {
		return err
	}
	s.server = handlers.New(handlers.Config{
		Opener: opener, Store: s.store, Keys: s.keys, Tokens: tokens, Codes: s.settings.codes, ListLife: s.settings.listLife,
		Passwords: auth.NewPasswords(runtime.NumCPU(), 5*time.Second, rand.Reader),
		Contract:  compiled, SMS: sms, Photos: photos{media.NewCleaner(media.DefaultLimits())}, Blobs: blobs,
		Reports: reports.Writer{}, PublicURL: s.settings.PublicURL, Silence: s.settings.deviceSilence,
		NewID: newID, Random: rand.Reader, Now: time.Now,
		Logger: s.log, Version: version(),
	})
	return nil
}

// newOpener opens anonymous tips on this machine where its operator wants that; nil leaves it to the officers' clients.
func (s *service) newOpener() (handlers.SealedOpener, error) {
	if s.settings.StationIdentityFile == "" {
		return nil, nil //nolint:nilnil // no opener is the usual and better case
	}
	identity, err := auth.LoadStationIdentity(s.settings.StationIdentityFile)
	if err != nil {
		return nil, fmt.Errorf("--station-identity-file: %w", err)
	}
	s.log.Warn("anonymous tips can be opened on this machine: a station's private key is here", "file", s.settings.StationIdentityFile)
	return identity, nil
}

// newLink opens the embedded broker, if it is to be, and makes the server's own client of it.
func (s *service) newLink() error {
	config := doors.LinkConfig{
		URL: s.settings.Broker, User: s.settings.BrokerUser, Password: s.settings.brokerPassword,
		Sign: s.keys.SignDoorCommand, Sink: doorSink{s.server}, Now: time.Now, Logger: s.log,
	}
	if s.settings.Broker == "embedded" {
		password, err := auth.NewSecret(rand.Reader) // new at every start: only this process needs it
		if err != nil {
			return err
		}
		config.Password = password
		s.broker, err = doors.NewBroker(doors.BrokerConfig{
			Address: s.settings.BrokerListen, CertFile: s.settings.BrokerCert, KeyFile: s.settings.BrokerKey,
			ServerUser: config.User, ServerPassword: password, CheckDevice: s.server.DeviceHolds, Logger: s.log,
		})
		if err != nil {
			return err
		}
		if err := s.broker.Start(); err != nil {
			return fmt.Errorf("--broker-listen: %w", err)
		}
		config.URL = "mqtt://" + s.broker.Address()
		if config.TLS, err = ownBrokerTLS(s.settings); err != nil {
			return err
		}
		if config.TLS != nil {
			config.URL = "mqtts://" + s.broker.Address()
		}
	}
	var err error
	if s.link, err = doors.NewLink(config); err != nil {
		return err
	}
	s.server.Doors = doorLink{s.link}
	if s.broker != nil {
		s.server.Expel, s.server.Connected = s.broker.Expel, s.broker.Connected
	}
	return nil
}

// newHardware makes the drivers' side; a port for what boards tell is opened now, so that a taken one is a start-up error.
func (s *service) newHardware(ctx context.Context) error {
	config := hardware.Config{Records: s.server, Networks: s.settings.doorNetworks, Now: time.Now, Logger: s.log}
	if listen := s.settings.UHPPOTEListen; listen != "off" && listen != "" {
		var err error
		if config.Listener, err = uhppote.Listen(ctx, listen); err != nil {
			return fmt.Errorf("--uhppote-listen: %w", err)
		}
	}
	s.hardware = hardware.New(config)
	s.server.Hardware, s.server.Networks = s.hardware, s.settings.doorNetworks
	return nil
}

func (s *service) newApp() error {
	var err error
	s.app, err = api.New(api.Options{
		Contract: contract, Server: s.server, Authenticator: s.server, Now: time.Now, NewID: newID, Logger: s.log,
		Limits: api.Limits{Off: s.settings.Limits == "off"}, TrustedProxies: list(s.settings.TrustedProxies),
		Origins: list(s.settings.Origins), Refused: s.refused, Metrics: s.metrics,
		CheckResponses: s.settings.CheckContract == "yes",
	})
	return err
}

func (s *service) refused(ctx context.Context, _ models.Principal, operation models.Operation, code models.Code) {
	s.server.GateRefused(ctx, operation, code)
}
