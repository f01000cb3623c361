package main

// notesScenes are the screenshots of Contoso Notes.
var notesScenes = []scene{
	{"board", board},
	{"editor", editor},
}

// board is a wall of notes in the language's colours.
func board(c *canvas, l language) {
	x, y, width, _ := desktop(c, l, hex(0xf7f5f0), l.accent)
	for n := range 8 {
		left := x + 36 + n%4*((width-48)/4)
		top := y + 34 + n/4*276
		sheet := mix(l.cover(n), white, 9)
		c.round(left+5, top+8, 250, 236, 10, hex(0xe2ded5)) // shadow
		c.round(left, top, 250, 236, 10, sheet)
		c.round(left, top, 250, 38, 10, mix(sheet, l.cover(n), 9))
		c.rect(left, top+24, 250, 14, mix(sheet, l.cover(n), 9))
		l.text(c, uint64(500+n), left+18, top+16, 120, 9, 1, 20, white)
		if n%3 == 2 {
			checklist(c, l, n, left+18, top+62)
			continue
		}
		l.text(c, uint64(520+n), left+18, top+62, 210, 8, 4+n%4, 22, mix(sheet, ink, 12))
	}
}

// checklist is a note with boxes, the first of them ticked.
func checklist(c *canvas, l language, n, x, y int) {
	for row := range 5 {
		top := y + row*32
		c.round(x, top, 18, 18, 5, white)
		if row < 2 {
			c.round(x+4, top+4, 10, 10, 3, l.cover(n+row))
		}
		l.text(c, uint64(540+n*8+row), x+30, top+5, 110+row%3*28, 8, 1, 20, ink)
	}
}

// editor is one long note beside the list of all.
func editor(c *canvas, l language) {
	x, y, width, height := desktop(c, l, white, l.accent)
	side := hex(0xf3f1ec)
	c.rect(x, y, 280, height-16, side)
	c.round(x, y+height-60, 280, 60, 16, side)
	c.rect(x+140, y+height-60, 140, 60, side)
	for row := range 6 {
		top := y + 20 + row*92
		if row == 2 {
			c.round(x+14, top-4, 252, 82, 12, white)
		}
		c.round(x+28, top+12, 6, 50, 3, l.cover(row))
		l.text(c, uint64(600+row), x+48, top+14, 150, 9, 1, 20, ink)
		l.text(c, uint64(610+row), x+48, top+38, 196, 7, 2, 18, hex(0x9a9aa0))
	}
	l.text(c, 620, x+330, y+48, 300, 16, 1, 30, l.accent)
	l.prose(c, 621, x+330, y+104, width-380, height-300, mix(white, ink, 12))
	c.round(x+330, y+height-150, width-380, 104, 12, mix(white, l.cover(1), 3))
	checklistRow(c, l, x+356, y+height-124)
}

// checklistRow is three boxes side by side.
func checklistRow(c *canvas, l language, x, y int) {
	for column := range 3 {
		left := x + column*220
		c.round(left, y+16, 22, 22, 6, white)
		if column == 0 {
			c.round(left+5, y+21, 12, 12, 3, l.accent)
		}
		l.text(c, uint64(640+column), left+36, y+22, 150, 9, 1, 20, ink)
	}
}

// notesLogo is the 1:1 box art: two sheets and a pencil.
func notesLogo() *canvas {
	c := newCanvas(1080, 1080)
	c.rect(0, 0, 1080, 1080, hex(0xf2cc8f))
	c.disc(860, 220, 520, hex(0xf0c27b))
	c.round(300, 240, 520, 640, 36, hex(0x81b29a))
	c.round(240, 190, 520, 640, 36, hex(0xfdfaf3))
	for i := range 6 {
		c.round(310, 290+i*82, 380-i%3*70, 26, 13, mix(hex(0xfdfaf3), ink, 4))
	}
	c.polygon(hex(0xe07a5f), point{770, 470}, point{860, 560}, point{560, 860}, point{470, 770})
	c.polygon(hex(0x3d405b), point{470, 770}, point{560, 860}, point{430, 900})
	return c
}
