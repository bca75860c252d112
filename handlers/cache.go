package handlers

import (
	"sync"
	"time"

	"xunfang/models"
)

// cacheLife is how long a fact read from the database may be believed: another replica may have
// changed it. What this process changes it drops at once.
const cacheLife = 5 * time.Second

// maxStations bounds a stationCache.
const maxStations = 1000

type stationEntry[T any] struct {
	facts T
	until time.Time
}

// stationCache keeps one thing per station for cacheLife.
type stationCache[T any] struct {
	mutex   sync.RWMutex
	entries map[models.ID]stationEntry[T]
}

// get gives the cached facts of a station, or loads them.
func (c *stationCache[T]) get(station models.ID, now time.Time, load func() (T, error)) (T, error) {
	c.mutex.RLock()
	entry, found := c.entries[station]
	c.mutex.RUnlock()
	if found && now.Before(entry.until) {
		return entry.facts, nil
	}
	facts, err := load()
	if err != nil {
		return facts, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.entries) >= maxStations {
		clear(c.entries)
	}
	c.entries[station] = stationEntry[T]{facts: facts, until: now.Add(cacheLife)}
	return facts, nil
}

// drop forgets a station's facts after they changed.
func (c *stationCache[T]) drop(station models.ID) {
	c.mutex.Lock()
	delete(c.entries, station)
	c.mutex.Unlock()
}
