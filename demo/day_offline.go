package demo

import (
	"context"
	"errors"
	"net/http"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// remoteDoor is a door at the end of the compound, with its controller and the actor that this is to the server.
type remoteDoor struct {
	door     models.ID
	terminal *doors.Terminal
	self     *actor
}

const (
	later      = 20 * time.Minute // by how much the second door's clock is ahead: what happens there is another visit
	allowList  = "GET /v1/devices/{id}/allow-list"
	deviceTell = "POST /v1/devices/{id}/events"
)

// loseNetwork provisions two controllers by claim code, cuts their lines, lets a visitor in twice by a one-time code, and tells the host.
func (d *day) loseNetwork(ctx context.Context) {
	d.north, d.south = d.remote(ctx, "北便门", 0, true), d.remote(ctx, "南便门", later, false)
	if d.north == nil || d.south == nil {
		return
	}
	north, south := d.north.terminal, d.south.terminal
	err := errors.Join(north.Refresh(ctx), south.Refresh(ctx))
	now := time.Now().UTC()
	got := d.post(ctx, d.host, "/v1/visitor-passes", map[string]any{
		"visitor_name": "吴师傅", "starts_at": now.Add(-time.Minute).Format(time.RFC3339), "ends_at": now.Add(2 * time.Hour).Format(time.RFC3339),
		"door_ids": []models.ID{d.north.door, d.south.door},
	})
	type doorState struct{ State string }
	pass := into[struct {
		ID    models.ID
		QR    string `json:"qr_payload"`
		Doors []doorState
	}](got)
	path := "/v1/visitor-passes/" + string(pass.ID)
	d.prove(d.host, "POST /v1/visitor-passes", got, http.StatusCreated, len(pass.Doors) == 2 && pass.Doors[0].State == "pending",
		words{"一次性验证码经过两道可能断网的门：尚未送达", "a one-time code for two doors that keep lists: not there yet"})
	err = errors.Join(err, north.Refresh(ctx), south.Refresh(ctx))
	got = d.call(ctx, d.host, http.MethodGet, path, nil)
	arrived := into[struct{ Doors []doorState }](got).Doors
	there := len(arrived) == 2 && arrived[0].State == "issued" && arrived[1].State == "issued"
	d.prove(d.host, allowList, got, http.StatusOK, err == nil && there,
		words{"控制器取到签名的名单，验证后存好：已送达", "the controllers fetch their signed lists, check and store them: it is there"})

	north.Cut()
	south.Cut()
	lock := north.Lock(d.north.door)
	letGo := lock.PressExit()
	leaves := lock.Released()
	letGo()
	lock.Fire(true)
	burns := lock.Released()
	lock.Fire(false)
	d.line(leaves && burns && !lock.Released(), "wiring", "-", "cut", words{
		"网线断了：出门按钮与火警照样开门，谁也不问", "the line is cut: the exit button and the fire alarm release the door, and ask nobody",
	})
	d.offlineScan(ctx, d.north, pass.QR, "", words{"访客出示二维码：控制器按名单放行", "the visitor's code: the controller decides by its list"})
	d.offlineScan(ctx, d.north, pass.QR, models.OfflineUsedUp, words{"同一道门再用：不开", "the same code at the same door again: refused"})
	d.offlineScan(ctx, d.south, pass.QR, "", words{
		"二十分钟后，另一道断网的门：它无从知道，放行", "twenty minutes later at another door without a network, which cannot know: it opens",
	})
	d.comeBack(ctx, pass.ID)
}

// comeBack joins the lines again: the uses are told, the one too many is marked, the host hears of it.
func (d *day) comeBack(ctx context.Context, pass models.ID) {
	err := errors.Join(d.north.terminal.Mend(ctx), d.south.terminal.Mend(ctx))
	got := d.call(ctx, d.host, http.MethodGet, "/v1/access-events?limit=100", nil)
	told, marked := 0, 0
	for _, event := range into[page[struct {
		PassID   models.ID `json:"pass_id"`
		Conflict bool
	}]](got).Items {
		if event.PassID == pass {
			if told++; event.Conflict {
				marked++
			}
		}
	}
	d.prove(d.north.self, deviceTell, got, http.StatusOK, err == nil && told == 2 && marked == 1,
		words{"网络恢复：按编号补报两次使用，多出的一次被标出", "the network is back: both uses are told by number, the one too many is marked"})
	got = d.call(ctx, d.host, http.MethodGet, "/v1/me/inbox", nil)
	heard := 0
	for _, item := range into[page[struct {
		Kind  string
		About models.ID
	}]](got).Items {
		if item.Kind == models.AlertVisitorPass && item.About == pass {
			heard++
		}
	}
	d.prove(d.host, "GET /v1/me/inbox", got, http.StatusOK, heard == 1,
		words{"住户得知一次，再无别的后果", "the host is told once, and nothing else follows"})

	old := d.north.self.token
	before := d.north.terminal.Secret()
	err = d.north.terminal.Rotate(ctx)
	after := d.north.terminal.Secret()
	got = d.signIn(ctx, &actor{name: "old key"}, map[string]string{
		"grant_type": "device_key", "device_id": string(d.north.self.id), "secret": before.Reveal(),
	})
	token, failed := d.north.terminal.Token(ctx)
	d.north.self.token = token
	d.prove(d.north.self, "POST /v1/devices/{id}/rotate-secret", got, http.StatusUnauthorized,
		err == nil && failed == nil && after != before && token != "" && token != old,
		words{"更换密钥：新的一用，旧的就不能再用", "the secret is rotated: with the first use of the new one the old one ends"})
	d.config.Fleet.keepTerminals(ctx)
}

func (d *day) offlineScan(ctx context.Context, at *remoteDoor, qr string, want models.OfflineReason, what words) {
	entry, err := at.terminal.Scan(ctx, at.door, qr)
	lock := at.terminal.Lock(at.door)
	result := "open"
	if !entry.Open {
		result = string(entry.Why)
	}
	d.line(err == nil && entry.Offline && entry.Why == want && entry.Open == (want == "") && (want != "" || lock.Released()),
		at.self.name, "offline", result, what)
}

// remote fits a door of that name with a controller out of its box, which an installer provisions by a claim code. An earlier run may
// have made the door and the device; the code gives it a new secret then.
func (d *day) remote(ctx context.Context, name string, ahead time.Duration, shown bool) *remoteDoor {
	compound := string(d.gate.Place.Compound)
	door := d.named(ctx, "/v1/doors", name, map[string]any{"name": name, "kind": "gate", "compound_id": compound})
	device := d.named(ctx, "/v1/devices", name+"控制器", map[string]any{
		"name": name + "控制器", "kind": "terminal", "compound_id": compound, "door_ids": []models.ID{door},
	})
	got := d.post(ctx, d.admin, "/v1/devices/"+string(device)+"/claim-codes", nil)
	code := into[struct {
		Code string `json:"claim_code"`
	}](got).Code
	made := &remoteDoor{
		door: door, terminal: d.config.Fleet.newTerminal(d.base, d.newID, ahead), self: &actor{name: "controller", id: device},
	}
	err := made.terminal.Claim(ctx, models.Secret(code))
	if err == nil {
		made.self.token, err = made.terminal.Token(ctx)
	}
	ready := err == nil && waitUntil(ctx, comeBack, made.terminal.Ready)
	if what := (words{
		"控制器开箱只有认领码：凭它取得自己的密钥，连上服务", "a controller out of its box has a claim code alone: it gets a secret of its own and connects",
	}); shown || !ready {
		d.prove(d.admin, "POST /v1/devices/{id}/claim-codes", got, http.StatusCreated, ready && made.terminal.Device() == device, what)
	}
	if !ready {
		return nil
	}
	return made
}

// named finds a door or a device of the host's compound by its name, or makes it.
func (d *day) named(ctx context.Context, path, name string, body map[string]any) models.ID {
	type thing struct {
		ID   models.ID
		Name string
	}
	got := d.call(ctx, d.admin, http.MethodGet, path+"?limit=100&compound_id="+string(d.gate.Place.Compound), nil)
	for _, one := range into[page[thing]](got).Items {
		if one.Name == name {
			return one.ID
		}
	}
	return into[thing](d.post(ctx, d.admin, path, body)).ID
}
