package push

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"
)

// credentialsLook is how often a send looks whether the key file has been replaced.
const credentialsLook = 10 * time.Second

// account adds a service account's access tokens to requests. The key file can be replaced while it runs: a new key is taken up
// within credentialsLook; one that cannot be used is told, and the old one stays.
type account struct {
	file    string
	project string // a key of another project is none of ours
	base    http.RoundTripper
	tokens  http.RoundTripper
	now     func() time.Time
	changed func(error)

	mutex   sync.Mutex
	looked  time.Time
	stamp   fileStamp
	current http.RoundTripper
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	changed time.Time
	size    int64
}

func stampOf(file string) (fileStamp, error) {
	info, err := os.Stat(file)
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{info.ModTime(), info.Size()}, nil
}

// RoundTrip implements http.RoundTripper.
func (a *account) RoundTrip(request *http.Request) (*http.Response, error) {
	return a.transport().RoundTrip(request)
}

func (a *account) transport() http.RoundTripper {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if now := a.now(); now.Sub(a.looked) >= credentialsLook {
		a.looked = now
		if stamp, err := stampOf(a.file); err == nil && stamp != a.stamp {
			a.stamp = stamp
			a.changed(a.load())
		}
	}
	return a.current
}

// load reads the key file and makes it the one in use.
func (a *account) load() error {
	content, err := os.ReadFile(a.file)
	if err != nil {
		return fmt.Errorf("push: firebase credentials: %w", err)
	}
	named := struct {
		ProjectID string `json:"project_id"`
	}{}
	if err := json.Unmarshal(content, &named); err != nil {
		return errors.New("push: firebase credentials: not a service account's key file") // err could quote the key
	}
	if a.project == "" {
		a.project = named.ProjectID
	}
	if a.current != nil && named.ProjectID != a.project {
		return errors.New("push: firebase credentials: the new key file is another project's")
	}
	found, err := credentials.NewCredentialsFromJSON(credentials.ServiceAccount, content, &credentials.DetectOptions{
		Scopes: []string{messagingScope},
		Client: &http.Client{Transport: a.tokens, Timeout: defaultSendTimeout},
	})
	if err != nil {
		return errors.New("push: firebase credentials: not a usable service account's key file")
	}
	client := &http.Client{Transport: a.base}
	if err := httptransport.AddAuthorizationMiddleware(client, found); err != nil {
		return fmt.Errorf("push: firebase credentials: %w", err)
	}
	a.current = client.Transport
	return nil
}
