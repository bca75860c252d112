package demo

import (
	"context"
	"net/http"
	"slices"
	"time"

	"xunfang/models"
)

const (
	sideDoor  = "西侧门"
	boardName = "西侧门控制板"
	eventTime = 10 * time.Second // from the board to the access events
)

// boardDevice is what the list of devices says of the board.
type boardDevice struct {
	ID           models.ID `json:"id"`
	Name         string    `json:"name"`
	Capabilities []string  `json:"capabilities"`
	Driver       struct {
		LastEventIndex int64 `json:"last_event_index"`
	} `json:"driver"`
}

// openBoard fits a UHPPOTE board to a side door, opens the door from the app, and waits for the board's own record of it.
func (d *day) openBoard(ctx context.Context) {
	door := d.sideDoor(ctx)
	body := map[string]any{"driver": map[string]any{
		"kind": "uhppote", "serial_number": boardSerial, "address": d.config.Board.Address().String(),
		"doors": []any{map[string]any{"door_id": door, "channel": 1, "contact": true}},
	}}
	var got answer
	want := http.StatusCreated
	if known := d.board(ctx); known.ID != "" { // the demo ran before over this folder: the board has another port now
		got, want = d.call(ctx, d.admin, http.MethodPatch, "/v1/devices/"+string(known.ID), body), http.StatusOK
	} else {
		body["name"], body["kind"], body["compound_id"] = boardName, "terminal", d.gate.Place.Compound
		got = d.post(ctx, d.admin, "/v1/devices", body)
	}
	made := into[boardDevice](got)
	d.prove(d.admin, "POST /v1/devices", got, want,
		slices.Contains(made.Capabilities, "confirms_opening") && !slices.Contains(made.Capabilities, "expires_commands"),
		words{"管理员登记一块 UHPPOTE 控制板；答复说明它会做什么、不会做什么", "the administrator adds a UHPPOTE board; the answer says what it does and does not"})

	pulses := d.config.Board.Pulses(1)
	got = d.post(ctx, d.host, "/v1/doors/"+string(door)+"/open", nil, "Prefer", "wait=5")
	opened := into[commandState](got)
	d.prove(d.host, openDoor, got, http.StatusOK, opened.State == "opened" && opened.Confirmed && d.config.Board.Pulses(1) == pulses+1,
		words{"居民远程开侧门：控制板确认，只动作一次", "the resident opens the side door: the board confirms, one pulse"})
	d.config.Board.PressButton(1)
	waitUntil(ctx, eventTime, func() bool { return d.board(ctx).Driver.LastEventIndex >= 2 })
	got = d.call(ctx, d.host, http.MethodGet, "/v1/access-events?door_id="+string(door), nil)
	own := 0
	for _, event := range into[page[struct {
		CommandID models.ID `json:"command_id"`
	}]](got).Items {
		if event.CommandID == opened.ID {
			own++
		}
	}
	d.prove(d.host, "GET /v1/access-events", got, http.StatusOK, own == 1 && d.board(ctx).Driver.LastEventIndex >= 2,
		words{
			"控制板自己的记录按编号取回：远程开门只记一笔，出门按钮不经服务器",
			"the board's own records are fetched by number: one remote opening, and the exit button that asks no server",
		})
}

// sideDoor gives the door for the board, which an earlier run may have made.
func (d *day) sideDoor(ctx context.Context) models.ID {
	type doorState struct {
		ID   models.ID `json:"id"`
		Name string    `json:"name"`
	}
	compound := string(d.gate.Place.Compound)
	got := d.call(ctx, d.admin, http.MethodGet, "/v1/doors?limit=100&compound_id="+compound, nil)
	for _, door := range into[page[doorState]](got).Items {
		if door.Name == sideDoor {
			return door.ID
		}
	}
	return into[doorState](d.post(ctx, d.admin, "/v1/doors", map[string]any{"name": sideDoor, "kind": "gate", "compound_id": compound})).ID
}

func (d *day) board(ctx context.Context) boardDevice {
	got := d.call(ctx, d.admin, http.MethodGet, "/v1/devices?limit=100&compound_id="+string(d.gate.Place.Compound), nil)
	for _, device := range into[page[boardDevice]](got).Items {
		if device.Name == boardName {
			return device
		}
	}
	return boardDevice{}
}
