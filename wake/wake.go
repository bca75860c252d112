// Package wake wakes the other replicas of this server through Redis, and hears when they wake this one. It imports models, and is
// the only package that knows Redis.
package wake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"golang.org/x/sync/errgroup"

	"xunfang/models"
)

const (
	queueLength   = 1000 // hints on their way out; beyond, they are dropped
	telling       = time.Second
	healthy       = 3 * time.Second // without a word the connection is asked whether it is there
	defaultPrefix = "xunfang:wake"
	maxHint       = 200 // bytes
)

// Config is what a Line is made of.
type Config struct {
	URL      string                        // redis://HOST:PORT/NUMBER, or rediss:// with TLS; without a password
	Password func() (models.Secret, error) // asked for at each new connection, so that it can be replaced; nil: none
	Own      string                        // names this replica
	Channel  string                        // of Redis; "": xunfang:wake
	Heard    func(ctx context.Context, what models.Wake, id models.ID) error
	Logger   *slog.Logger
}

// Line tells other replicas and hears them. It carries hints only: what is lost costs a look that comes by itself.
type Line struct {
	config Config
	client *redis.Client
	queue  chan string
}

// Check says what is wrong with an address; nil: nothing.
func Check(url string) error {
	options, err := redis.ParseURL(url)
	switch {
	case err != nil:
		return errors.New("is no redis://HOST:PORT/NUMBER")
	case options.Password != "":
		return errors.New("must not hold the password: put it into a file")
	}
	return nil
}

// New makes a line. Nothing is dialled before Run.
func New(config Config) (*Line, error) {
	if err := Check(config.URL); err != nil {
		return nil, err
	}
	if config.Own == "" || config.Heard == nil || config.Logger == nil {
		return nil, errors.New("wake: Own, Heard and Logger are needed")
	}
	if config.Channel == "" {
		config.Channel = defaultPrefix
	}
	options, err := redis.ParseURL(config.URL)
	if err != nil {
		return nil, err
	}
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.MaxRetries = -1 // what cannot be told now is not worth telling later
	user := options.Username
	if config.Password != nil {
		options.CredentialsProviderContext = func(context.Context) (string, string, error) {
			password, err := config.Password()
			return user, password.Reveal(), err
		}
	}
	redis.SetLogger(quiet{})
	return &Line{config: config, client: redis.NewClient(options), queue: make(chan string, queueLength)}, nil
}

// quiet keeps the library from writing to the standard error: what matters is in the errors it returns.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// Tell queues a hint for the other replicas, and drops it when there are too many.
func (l *Line) Tell(what models.Wake, id models.ID) {
	select {
	case l.queue <- fmt.Sprintf("%s %s %s", l.config.Own, what, id):
	default:
	}
}

// Run tells and hears until ctx ends. While Redis is away it keeps trying.
func (l *Line) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { l.tell(ctx); return nil })
	group.Go(func() error { l.hear(ctx); return nil })
	return errors.Join(group.Wait(), l.client.Close())
}

func (l *Line) tell(ctx context.Context) {
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case hint := <-l.queue:
			limit, cancel := context.WithTimeout(ctx, telling)
			err := l.client.Publish(limit, l.config.Channel, hint).Err()
			cancel()
			if ctx.Err() == nil && away != (err != nil) {
				away = err != nil
				l.config.Logger.WarnContext(ctx, "whether other replicas can be woken has changed", "away", away, "error", err)
			}
		}
	}
}

// hear takes hints. The library connects anew and subscribes anew by itself.
func (l *Line) hear(ctx context.Context) {
	heard := l.client.Subscribe(ctx, l.config.Channel)
	defer func() { _ = heard.Close() }()
	hints := heard.Channel(redis.WithChannelSize(queueLength), redis.WithChannelHealthCheckInterval(healthy))
	for {
		select {
		case <-ctx.Done():
			return
		case hint, open := <-hints:
			if !open {
				return
			}
			if what, id, foreign := l.read(hint.Payload); foreign {
				if err := l.config.Heard(ctx, what, id); err != nil && ctx.Err() == nil {
					l.config.Logger.WarnContext(ctx, "another replica's hint came to nothing", "what", string(what), "error", err)
				}
			}
		}
	}
}

// read takes a hint apart. What is our own, too long, or not understood, is none.
func (l *Line) read(hint string) (what models.Wake, id models.ID, foreign bool) {
	words := strings.Fields(hint[:min(len(hint), maxHint)])
	if len(words) != 3 || words[0] == l.config.Own {
		return "", "", false
	}
	what = models.Wake(words[1])
	id, err := models.ParseID(words[2])
	return what, id, err == nil && what.Known()
}
