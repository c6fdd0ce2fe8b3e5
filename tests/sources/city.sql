CREATE SEQUENCE transit.counter;
CREATE TABLE transit."Stops" (id int, "站名" text, fare numeric(6,2), opened date, geom geometry(Point, 4549));
INSERT INTO transit."Stops"
  SELECT i, '站' || i, i * 1.25, date '2019-01-01' + i, ST_SetSRID(ST_MakePoint(500000 + i * 100, 3400000), 4549)
  FROM generate_series(1, 1000) AS i;
CREATE TABLE public.zones (code text, shape geometry(MultiPolygon, 4490), centre geometry(Point, 4490));
INSERT INTO public.zones VALUES ('330402',
  ST_Multi(ST_MakeEnvelope(120.5, 30.5, 121, 31, 4490)), ST_SetSRID(ST_MakePoint(120.75, 30.75), 4490));
CREATE TABLE public.globe (id int, place geography(Point, 4326));
INSERT INTO public.globe VALUES (1, ST_SetSRID(ST_MakePoint(120.75, 30.75), 4326)::geography);
CREATE TABLE public.nowhere (id int, geom geometry);
INSERT INTO public.nowhere VALUES (1, ST_MakePoint(120.75, 30.75));
CREATE TABLE public.mixed (id int, geom geometry);
INSERT INTO public.mixed VALUES (1, ST_SetSRID(ST_MakePoint(120.75, 30.75), 4326)),
  (2, ST_SetSRID(ST_MakePoint(120.75, 30.75), 4490));
CREATE TABLE public.hollow (id int, geom geometry(Point, 4326));
CREATE TABLE public.plain (id int, name text);
